import process from 'node:process'

/** The middle value; of an even number, the upper of the two middle ones. */
export const median = (values) => quantile(values, 0.5)

/** The value below which that share of them lies. Rounds without a value do not count. */
export function quantile(values, share) {
  const sorted = values.filter((value) => value !== undefined).sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]
}

/**
 * Measures every contender once in each round, so that what slows the machine down for a while slows all alike.
 *
 * @param {Record<string, () => unknown>} contenders each gives a number, or an object of figures
 * @param {object} counts
 * @param {number} counts.rounds
 * @param {number} counts.warmups rounds before those that count
 * @param {string} counts.slow a contender that takes part in each third round alone
 * @returns what each gave, by its name, in the order of the rounds; undefined for a round it took no part in
 */
export async function interleave(contenders, { rounds, warmups = 1, slow }) {
  const results = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]))
  const order = Object.entries(contenders)
  for (let round = -warmups; round < rounds; round++) {
    // Nobody comes after the same one each time
    order.push(order.shift())
    for (const [name, measure] of order) {
      const result = name === slow && round % 3 !== 0 ? undefined : await measure()
      if (round >= 0) results[name].push(result)
    }
  }
  return results
}

/**
 * How many times `b` is `a`: the ratio of their medians, and the quartiles of the ratios of single rounds.
 *
 * @param {number[]} a
 * @param {number[]} b measured in the same rounds
 */
export function ratio(a, b) {
  const single = a.map((value, round) => (value && b[round] ? value / b[round] : undefined))
  return { value: median(a) / median(b), low: quantile(single, 0.25), high: quantile(single, 0.75) }
}

/** Microseconds of this process's processor time, threads of V8's included. */
export function cpu() {
  const { user, system } = process.cpuUsage()
  return user + system
}
