import { attestationSet, Labels } from 'passport-civic-sip/user-data'
import type { AttestationSet } from 'passport-civic-sip/user-data'
import { heldOf, isRevoked } from './identity.ts'
import type { Identity } from './identity.ts'

/** The state of a set: at the attester, on the ledger, or with the person. */
export type SetState = 'review' | 'anchoring' | 'revoked' | 'expired' | 'verified' | 'open'

export function stateOf(identity: Identity, set: AttestationSet): SetState {
  const pending = pendingOf(identity, set)
  // After the attester's decision there is a tree that the wallet has signed
  if (pending) return pending.root === undefined ? 'review' : 'anchoring'
  if (isRevoked(identity, set)) return 'revoked'
  if (isExpired(identity, set)) return 'expired'
  return heldOf(identity, set).length > 0 ? 'verified' : 'open'
}

/** Whether an attester works on the set. */
export function isPending(identity: Identity, set: AttestationSet): boolean {
  return pendingOf(identity, set) !== undefined
}

function pendingOf({ kept }: Identity, set: AttestationSet): { readonly root?: string } | undefined {
  const pending = kept.wallet?.pending ?? []
  return pending.find(([, { claims }]) =>
    Object.keys(claims).some((label) => attestationSet(label) === set),
  )?.[1]
}

/** Whether the set's document has expired, by the device's date. */
function isExpired(identity: Identity, set: AttestationSet): boolean {
  const expiry = heldOf(identity, set).find(({ label }) => label === Labels.DOCUMENT_DATE_OF_EXPIRY)?.data
    .value
  const today = new Date().toISOString().slice(0, 10)
  return expiry !== undefined && /^\d{4}-\d\d-\d\d$/.test(expiry) && expiry < today
}
