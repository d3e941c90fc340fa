import process from 'node:process'

/** The middle value; of an even number, the upper of the two middle ones. */
export const median = (values) => quantile(values, 0.5)

/** The value below which that share of them lies. */
export function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]
}

/**
 * Measures every contender once in each round, so that what slows the machine down for a while slows all alike.
 *
 * @param {Record<string, () => unknown>} contenders each gives a number, or an object of figures
 * @param {{ rounds: number, warmups?: number }} counts
 * @returns what each gave, by its name, in the order of the rounds
 */
export async function interleave(contenders, { rounds, warmups = 1 }) {
  const results = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]))
  for (let round = -warmups; round < rounds; round++) {
    for (const [name, measure] of Object.entries(contenders)) {
      const result = await measure()
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
  const single = a.map((value, round) => value / b[round])
  return { value: median(a) / median(b), low: quantile(single, 0.25), high: quantile(single, 0.75) }
}

/** Microseconds of this process's processor time, threads of V8's included. */
export function cpu() {
  const { user, system } = process.cpuUsage()
  return user + system
}
