/** The sets that are attested together, each in one tree: their names, in the order of a wallet's subject keys. */
export const ATTESTATION_SETS = Object.freeze([
  'attCivicBasic',
  'attCivicIdentity',
  'attCivicResidence',
] as const)

export type AttestationSet = (typeof ATTESTATION_SETS)[number]

const PREFIXES: readonly (readonly [prefix: string, set: AttestationSet])[] = [
  ['contact.', 'attCivicBasic'],
  ['verifications.', 'attCivicIdentity'],
  ['documents.genericId.', 'attCivicIdentity'],
  ['documents.address.', 'attCivicResidence'],
]

/**
 * The set that a label is attested in.
 *
 * @returns undefined for a label of none of them
 */
export function attestationSet(label: string): AttestationSet | undefined {
  return PREFIXES.find(([prefix]) => label.startsWith(prefix))?.[1]
}
