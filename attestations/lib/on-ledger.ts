import { AttestationError, LedgerUnavailable } from './errors.ts'
import type { LedgerReader } from './ledger.ts'
import { locate } from './locate.ts'
import type { Anchor } from './locate.ts'
import { sameBytes } from './script.ts'
import { parseSpend } from './transaction.ts'
import type { Spend } from './transaction.ts'
import { VerificationCache } from './verification-cache.ts'
import { statementOf } from './verify.ts'

/** What a ledger says about an attestation. */
export interface LedgerState {
  /** Whether the anchor has enough confirmations and no transaction spends it, not even an unconfirmed one. */
  isValid: boolean
  /** `unconfirmed`: the ledger does not know the transaction, or it has too few confirmations. `spent`: revoked. */
  state: 'unspent' | 'spent' | 'unconfirmed'
  txid: string
  vout: number
}

/**
 * The authority attested only what its key signed: every input must spend a plain 2-of-3 with that key among the
 * signers. Its key in an output proves nothing, because anybody can write it there.
 */
function verifySigner({ tx, transaction, key }: Anchor, cache: VerificationCache): void {
  const spends = cache.once('spends', tx, () => new Map<number, Spend | undefined>())
  // Stops at the first input that is not the authority's: anybody can make a transaction of a thousand inputs
  const signed = transaction.inputs.every((_, index) => {
    if (!spends.has(index)) spends.set(index, parseSpend(transaction, index))
    const spend = spends.get(index)
    return (
      spend?.redeem.commitment === undefined &&
      spend?.redeem.required === 2 &&
      spend.redeem.keys.length === 3 &&
      spend.signers.some((signer) => sameBytes(signer, key))
    )
  })
  if (!signed || transaction.inputs.length === 0 || transaction.segwit) {
    throw new AttestationError(
      'ANCHOR_SIGNATURE',
      'the anchoring transaction was not signed by the authority',
    )
  }
}

/** Asks the ledger, and checks its response's shape. */
async function ask<T>(what: string, question: () => Promise<T>, usable: (answer: T) => boolean): Promise<T> {
  let answer: T
  try {
    answer = await question()
  } catch (error) {
    if (error instanceof LedgerUnavailable) throw error
    throw new LedgerUnavailable(`the ledger failed to give ${what}`, { cause: error })
  }
  if (!usable(answer)) throw new LedgerUnavailable(`the ledger gave no usable ${what}`)
  return answer
}

function isObject(answer: unknown): boolean {
  return typeof answer === 'object' && answer !== null
}

/** A transaction's confirmations: its block and those after it. For one confirmation, the tip is not needed. */
async function confirmationsOf(txid: string, ledger: LedgerReader, wanted: number): Promise<number> {
  const status = await ask(
    'status',
    () => ledger.txStatus(txid),
    (answer) => isObject(answer) && typeof answer.confirmed === 'boolean',
  )
  if (!status.confirmed) return 0
  if (wanted === 1) return 1
  const height = status.block_height
  if (!Number.isSafeInteger(height)) throw new LedgerUnavailable('the ledger gave no usable block height')
  const tip = await ask('tip height', () => ledger.tipHeight(), Number.isSafeInteger)
  return tip - Number(height) + 1
}

/**
 * Checks an attestation against a ledger: that a trusted authority anchored this subject, and has not revoked it.
 * Everything is computed from the attestation's raw transaction; the ledger is asked only whether it has that
 * transaction and whether the anchor is unspent. The `type` and `network` that the attestation states are ignored.
 * Includes the checks of `verifyOffline`, except the grant.
 *
 * @param attestation of either form, not trusted; or what `verifyOffline` returned, which is not verified again
 * @param ledger the chain to ask
 * @param options.authorities the xpubs of the authorities that the verifier trusts
 * @param options.confirmations the confirmations that the anchor must have; 1 by default
 * @param options.cache verifies once what several attestations of one response share
 * @throws AttestationError the codes of `verifyOffline`, and `UNTRUSTED_AUTHORITY`, `ANCHOR_MISMATCH`,
 *   `ANCHOR_SIGNATURE`: it was never valid, whatever the ledger says
 * @throws LedgerUnavailable if the ledger gave no usable response
 * @throws TypeError if an option is invalid
 *
 * @example
 * ```ts
 * import { verifyOffline, verifyOnLedger } from 'civic-attestations'
 *
 * const verified = verifyOffline(attestation)
 * const trust = { authorities: [authority.publicExtendedKey], confirmations: 1 }
 * const { isValid, state } = await verifyOnLedger(verified, ledger, trust)
 * console.log({ isValid, state }) // { isValid: true, state: 'unspent' }
 * ```
 */
export async function verifyOnLedger(
  attestation: unknown,
  ledger: LedgerReader,
  options: {
    authorities: readonly string[]
    confirmations?: number | undefined
    cache?: VerificationCache | undefined
  },
): Promise<LedgerState> {
  const { authorities, confirmations = 1, cache = new VerificationCache() } = options
  if (!Array.isArray(authorities)) throw new TypeError('authorities must be an array of xpubs')
  if (!Number.isSafeInteger(confirmations) || confirmations < 1) {
    throw new TypeError('confirmations must be a whole number of at least 1')
  }
  const anchor = locate(
    statementOf(attestation).attested,
    (authority) => authorities.includes(authority),
    cache,
  )
  verifySigner(anchor, cache)

  const { tx, vout } = anchor
  const { txid } = anchor.transaction
  const held = await ask(
    'transaction',
    () => ledger.txHex(txid),
    (answer) => answer === undefined || typeof answer === 'string',
  )
  // An Esplora server reports the outputs of a transaction that it does not know as unspent
  if (held !== tx) return { isValid: false, state: 'unconfirmed', txid, vout }
  const depth = await confirmationsOf(txid, ledger, confirmations)
  const { spent } = await ask(
    'spending',
    () => ledger.outspend(txid, vout),
    (answer) => isObject(answer) && typeof answer.spent === 'boolean',
  )
  if (spent) return { isValid: false, state: 'spent', txid, vout }
  if (depth < confirmations) return { isValid: false, state: 'unconfirmed', txid, vout }
  return { isValid: true, state: 'unspent', txid, vout }
}
