import { AttestationError } from './errors.ts'
import type { Subject } from './forms.ts'
import { elements, own, read, reading, text } from './read.ts'
import { ANCHOR_SATOSHI, anchorRedeem, issuerKeys, payTo, sameBytes, type Redeem } from './script.ts'
import { parseTransaction, type Transaction } from './transaction.ts'

/** An attestation's anchor, as its own raw transaction shows it. */
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

const mismatch = (message: string): AttestationError => new AttestationError('ANCHOR_MISMATCH', message)

/**
 * Finds the one output that anchors a subject, by computing its script anew.
 * @param attested the unread `attestation` part of either form
 * @param trusted decides on the authority's xpub before anything costly is done
 * @throws AttestationError `MALFORMED`, `UNTRUSTED_AUTHORITY`, `ANCHOR_MISMATCH`
 */
export const locate = (
  subject: Subject,
  attested: unknown,
  trusted: (authority: string) => boolean,
): Anchor => {
  const { authority, cosigners, tx } = reading(() => {
    const stated = own(attested, 'authority')
    return {
      authority: { xpub: text(stated, 'xpub', 111), path: text(stated, 'path', 110) },
      cosigners: elements(own(attested, 'cosigners'), 'cosigners', 2, 2).map((key) => text(key, 'xpub', 111)),
      tx: own(attested, 'tx'),
    }
  })
  if (!trusted(authority.xpub)) {
    throw new AttestationError('UNTRUSTED_AUTHORITY', 'the authority is not among the trusted ones')
  }
  const [one = '', two = ''] = cosigners
  const keys = issuerKeys({ authority, cosigners: [{ xpub: one }, { xpub: two }] })
  const key = keys?.[0]
  if (keys === undefined || key === undefined)
    throw mismatch('authority, cosigners and path lead to no three keys')
  const transaction = typeof tx === 'string' ? parseTransaction(tx) : undefined
  if (typeof tx !== 'string' || transaction === undefined) throw mismatch('there is no anchoring transaction')
  const redeem = anchorRedeem(subject, keys)
  const script = payTo(redeem.script)
  const found = transaction.outputs.flatMap((output, vout) =>
    sameBytes(output.script, script) ? [vout] : [],
  )
  const [vout] = found
  if (vout === undefined) throw mismatch('no output of the transaction anchors this subject')
  if (found.length > 1) throw mismatch('more than one output of the transaction anchors this subject')
  if (transaction.outputs[vout]?.amount !== ANCHOR_SATOSHI)
    throw mismatch('the anchor is not worth 5461 satoshi')
  return { authority: authority.xpub, key, tx, transaction, vout, redeem }
}

/** Finds the anchor that an attestation of either form names, whoever its authority is. */
export const locateAny = (attestation: unknown): Anchor => {
  const statement = read(attestation)
  return locate(statement.subject, statement.attestation, () => true)
}

/**
 * Where an attestation says that it is anchored: what its own transaction shows, which no ledger has confirmed yet.
 *
 * @param attestation of either form
 * @returns the anchoring transaction, raw and its id, and which of its outputs is the anchor
 * @throws AttestationError `MALFORMED`, or `ANCHOR_MISMATCH` if it has no anchor
 */
export const anchorOf = (attestation: unknown): { tx: string; txid: string; vout: number } => {
  const { tx, vout, transaction } = locateAny(attestation)
  return { tx, txid: transaction.txid, vout }
}
