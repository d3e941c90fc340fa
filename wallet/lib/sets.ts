import { attestationSet, ATTESTATION_SETS } from 'passport-civic-sip/user-data'
import type { AttestationSet } from 'passport-civic-sip/user-data'

export type { AttestationSet }
export { attestationSet }

/** The sets, in the order of their subject keys' numbers. */
export const SETS: readonly AttestationSet[] = ATTESTATION_SETS
