import { appendFileSync } from 'node:fs'

/** What a hostile input should have come to, and what it came to. */
export type Verdict = 'accepted' | 'refused'

export interface Counts {
  tried: number
  wronglyAccepted: number
  wronglyRefused: number
  hung: number
}

const areas = new Map<string, Counts>()

/** Counts one input for docs/reliability.md; whether it went right is for the test to assert as well. */
export function count(area: string, expected: Verdict, got: Verdict | 'hung'): void {
  const counts = areas.get(area) ?? { tried: 0, wronglyAccepted: 0, wronglyRefused: 0, hung: 0 }
  areas.set(area, counts)
  counts.tried++
  if (got === 'hung') counts.hung++
  else if (got !== expected) counts[got === 'accepted' ? 'wronglyAccepted' : 'wronglyRefused']++
}

const report = process.env.RELIABILITY_TALLY
if (report !== undefined) {
  process.once('exit', () => {
    for (const [area, counts] of areas) appendFileSync(report, `${JSON.stringify({ area, ...counts })}\n`)
  })
}

/** How many inputs a property tries: few in `npm test`, many where docs/reliability.md is written. */
export function runs(usual: number): number {
  return usual * Number(process.env.RELIABILITY_FACTOR ?? 1)
}
