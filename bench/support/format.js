/** Three significant digits, with thousands separators. */
export function number(value) {
  if (value === 0) return '0'
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))))
  return value.toLocaleString('en', {
    minimumFractionDigits: Math.min(digits, 3),
    maximumFractionDigits: digits,
  })
}

/** A count, with all its digits. */
export const whole = (value) => value.toLocaleString('en')

/** A ratio from `measure.ratio`, with its quartiles. */
export const times = ({ value, low, high }) => `${number(value)} × (${number(low)} to ${number(high)})`

export const percent = (share) => `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`

/**
 * A target, and whether this run met it.
 *
 * @param {string} what
 * @param {number} value
 * @param {{ atMost: number } | { atLeast: number }} bound
 * @param {string} unit
 */
export function target(what, value, { atMost, atLeast }, unit) {
  const isMet = atMost === undefined ? value >= atLeast : value <= atMost
  const bound = atMost === undefined ? `at least ${number(atLeast)}` : `at most ${number(atMost)}`
  const missedBy = Math.abs(value / (atMost ?? atLeast) - 1)
  return {
    what,
    bound: `${bound} ${unit}`,
    value: `${number(value)} ${unit}`,
    verdict: isMet ? 'reached' : `missed by ${percent(missedBy)}`,
  }
}
