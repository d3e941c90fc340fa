import { attestationSet, SETS } from './sets.ts'
import type { AttestationSet } from './sets.ts'

/** Label to value. */
export type Claims = Readonly<Record<string, string>>

/** Claims by the set that each label belongs to. @throws TypeError */
export function splitClaims(claims: unknown): Map<AttestationSet, Claims> {
  const sets = new Map<AttestationSet, Record<string, string>>()
  for (const [label, value] of Object.entries(claims ?? {})) {
    const set = attestationSet(label)
    if (!set || typeof value !== 'string')
      throw new TypeError('claims must be labels that can be attested, each with a text')
    sets.set(set, { ...sets.get(set), [label]: value })
  }
  if (sets.size === 0) throw new TypeError('claims must hold at least one label')
  return new Map([...sets].sort(([one], [other]) => SETS.indexOf(one) - SETS.indexOf(other)))
}

/** `{ label: code }`, or one code if exactly one label needs it. @throws TypeError */
export function readCodes(codes: unknown, claims: Claims, needCode: ReadonlySet<string>): Claims {
  if (codes === undefined) return {}
  if (typeof codes === 'string') {
    const [label, ...more] = Object.keys(claims).filter((name) => needCode.has(name))
    if (label === undefined || more.length > 0)
      throw new TypeError('codes must be an object: not exactly one label needs one')
    return { [label]: codes }
  }
  const isCodes =
    typeof codes === 'object' &&
    codes !== null &&
    Object.values(codes).every((code) => typeof code === 'string')
  if (!isCodes) throw new TypeError('codes must be a text, or an object of label and code')
  return codes as Claims
}
