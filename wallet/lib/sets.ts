import { attestationSet, ATTESTATION_SETS } from 'passport-civic-sip/user-data'
import type { AttestationSet } from 'passport-civic-sip/user-data'

export type { AttestationSet }
export { attestationSet }

/** The sets by the number that their subject keys have. */
export const SETS: readonly AttestationSet[] = ATTESTATION_SETS
