import { AttestationError } from './errors.ts'
import type { Attested } from './read.ts'
import { ANCHOR_SATOSHI, anchorRedeem, issuerKeys, payTo, sameBytes } from './script.ts'
import type { Redeem } from './script.ts'
import { parseTransaction } from './transaction.ts'
import type { Output, Transaction } from './transaction.ts'
import { VerificationCache } from './verification-cache.ts'
import { statementOf } from './verify.ts'

/** An attestation's anchor, read from its raw transaction. */
export interface Anchor {
  authority: string
  /** The authority's key, at its path. */
  key: Uint8Array
  /** Raw, as hex. */
  tx: string
  transaction: Transaction
  vout: number
  redeem: Redeem
}

function mismatch(message: string): AttestationError {
  return new AttestationError('ANCHOR_MISMATCH', message)
}

/**
 * Finds the one output that anchors a subject, by computing its script.
 * @param trusted whether to trust an authority's xpub; called before any expensive step
 * @throws AttestationError `UNTRUSTED_AUTHORITY`, `ANCHOR_MISMATCH`
 */
export function locate(
  { subject, authority, cosigners, tx }: Attested,
  trusted: (authority: string) => boolean = () => true,
  cache = new VerificationCache(),
): Anchor {
  if (!trusted(authority.xpub)) {
    throw new AttestationError('UNTRUSTED_AUTHORITY', 'the authority is not trusted')
  }
  const keys = issuerKeys({ authority, cosigners })
  const key = keys?.[0]
  if (keys === undefined || key === undefined)
    throw mismatch('authority, cosigners and path do not give three different keys')
  const transaction = tx === undefined ? undefined : cache.once('transaction', tx, () => parseTransaction(tx))
  if (tx === undefined || transaction === undefined) throw mismatch('there is no anchoring transaction')
  const redeem = anchorRedeem(subject, keys)
  const script = payTo(redeem.script)
  const isAnchor = (output: Output) => sameBytes(output.script, script)
  const vout = transaction.outputs.findIndex(isAnchor)
  if (vout === -1) throw mismatch('no output of the transaction anchors this subject')
  if (transaction.outputs.findLastIndex(isAnchor) !== vout)
    throw mismatch('more than one output of the transaction anchors this subject')
  if (transaction.outputs[vout]?.amount !== ANCHOR_SATOSHI)
    throw mismatch('the anchor is not worth 5461 satoshi')
  return { authority: authority.xpub, key, tx, transaction, vout, redeem }
}

/**
 * Where an attestation says that it is anchored, read from its transaction. No ledger is asked.
 *
 * @param attestation of either form, or what `verifyOffline` returned
 * @returns the anchoring transaction, raw and its id, and which of its outputs is the anchor
 * @throws AttestationError as `verifyOffline`, or `ANCHOR_MISMATCH` if it has no anchor
 */
export function anchorOf(attestation: unknown): { tx: string; txid: string; vout: number } {
  const { tx, vout, transaction } = locate(statementOf(attestation).attested)
  return { tx, txid: transaction.txid, vout }
}
