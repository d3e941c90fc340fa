import process from 'node:process'

/** The median; of an even number of values, the upper of the two middle ones. */
export const median = (values) => quantile(values, 0.5)

/** The quantile. Rounds without a value do not count. */
export function quantile(values, share) {
  const sorted = values.filter((value) => value !== undefined).sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]
}

/**
 * Measures every contender once in each round, so that a slow phase of the machine affects all equally.
 *
 * @param {Record<string, () => unknown>} contenders each returns a number, or an object of figures
 * @param {object} counts
 * @param {number} counts.rounds
 * @param {number} counts.warmups rounds before the ones that count
 * @param {string} counts.slow a contender that takes part only in every fourth round
 * @returns the results by contender, in the order of the rounds; undefined for a round without it
 */
export async function interleave(contenders, { rounds, warmups = 1, slow }) {
  const results = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]))
  const order = Object.entries(contenders)
  for (let round = -warmups; round < rounds; round++) {
    // Rotates the order, so that each contender goes first in turn
    order.push(order.shift())
    for (const [name, measure] of order) {
      const result = name === slow && round % 4 !== 0 ? undefined : await measure()
      if (round >= 0) results[name].push(result)
    }
  }
  return results
}

/**
 * `a` divided by `b`: the ratio of the medians, and the quartiles of the single rounds' ratios.
 *
 * @param {number[]} a
 * @param {number[]} b measured in the same rounds
 */
export function ratio(a, b) {
  const single = a.map((value, round) => (value && b[round] ? value / b[round] : undefined))
  return { value: median(a) / median(b), low: quantile(single, 0.25), high: quantile(single, 0.75) }
}

/** Microseconds of this process's processor time, including V8's threads. */
export function cpu() {
  const { user, system } = process.cpuUsage()
  return user + system
}
