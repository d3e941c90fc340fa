import { verifyTree } from 'civic-attestations'
import type { Tree, AttestationError } from 'civic-attestations'
import type { Claims } from './claims.ts'
import { WalletError } from './errors.ts'
import type { JsonResponse } from './http.ts'

/** The state of issuing. `code-sent` is the wallet's, the others are the attester's. */
export type AttestState = 'code-sent' | 'review' | 'sign' | 'anchoring' | 'attested' | 'refused'

/** From the state that most needs the person to the final one. */
export const ORDER: readonly AttestState[] = [
  'refused',
  'code-sent',
  'review',
  'sign',
  'anchoring',
  'attested',
]

/** A tree whose root commits to exactly these claims. @throws WalletError */
export function readTree(input: unknown, claims: Claims): Tree {
  const refuse = (reason?: string): WalletError =>
    attesterRefused('its tree is not one of exactly these claims', reason)
  let tree: Tree
  try {
    tree = verifyTree(input)
  } catch (error) {
    throw refuse((error as AttestationError).code)
  }
  const isOurs = tree.leaves.every(
    ({ label, value }) => Object.hasOwn(claims, label) && claims[label] === value,
  )
  if (!isOurs || tree.leaves.length < Object.keys(claims).length) throw refuse()
  return tree
}

export function stateOf(response: JsonResponse): AttestState {
  const { status, json } = response
  const state = json['state'] as AttestState
  if (status < 200 || status > 299 || state === 'code-sent' || !ORDER.includes(state)) {
    throw refusedBy(response, 'it does not know this issuing')
  }
  return state
}

/** The part of an attestation that contains its transaction. */
interface Anchored {
  readonly attn?: { readonly attestation?: { readonly attestation?: { readonly tx?: unknown } } }
}

/** Whether the attestations have their transaction, even if it is unconfirmed. */
export function isAnchored({ json }: JsonResponse): boolean {
  const attestations = Array.isArray(json['attestations']) ? (json['attestations'] as unknown[]) : []
  const hasTransaction = (attestation: unknown): boolean =>
    typeof (attestation as Anchored | null)?.attn?.attestation?.attestation?.tx === 'string'
  return attestations.length > 0 && attestations.every(hasTransaction)
}

export function attesterRefused(why: string, reason?: string): WalletError {
  return new WalletError('ATTESTER_REFUSED', `The attester is not trusted with this: ${why}`, { reason })
}

export function refusedBy({ status, json, retryAfter }: JsonResponse, why: string): WalletError {
  const reason = typeof json['code'] === 'string' ? json['code'] : undefined
  return new WalletError('ATTESTER_REFUSED', `The attester refuses: ${why} (status ${status})`, {
    status,
    reason,
    retryAfter,
  })
}
