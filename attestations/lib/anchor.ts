import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import { addressOf } from './address.ts'
import { complete, draft, signInputs } from './build.ts'
import type { Coin, Draft, FundingOutput, Signed } from './build.ts'
import type { Attestation, AttestedSubject, Credential, Issuer, Subject } from './forms.ts'
import { derivedSecret, publicOf } from './keys.ts'
import type { Ledger, Utxo } from './ledger.ts'
import { locate } from './locate.ts'
import { readAttested } from './read.ts'
import type { Attested } from './read.ts'
import {
  ANCHOR_SATOSHI,
  ISSUER_RULE,
  anchorRedeem,
  fundsRedeem,
  issuerKeys,
  payTo,
  sameBytes,
  scriptHash,
} from './script.ts'
import { subjectText, verifySubject } from './subject.ts'
import { attestationOf, statementOf } from './verify.ts'
import type { Verified } from './verify.ts'

/** Satoshi for each byte, by default: an anchor pays for its own revocation up to ten times this rate. */
const FEE_RATE = 1

function keysOf(issuer: Issuer): Uint8Array[] {
  const keys = issuerKeys(issuer)
  if (keys === undefined) throw new TypeError(ISSUER_RULE)
  return keys
}

/** The secrets of two of the issuer's three keys. */
function secretsOf({ authority, cosigners }: Issuer, keys: readonly string[]): Uint8Array[] {
  const xpubs = [authority, ...cosigners].map(({ xpub }) => xpub)
  if (keys.length !== 2 || new Set(keys).size !== 2 || !keys.every((key) => xpubs.includes(publicOf(key)))) {
    throw new TypeError('keys must be the extended private keys of two of authority, cosigner, cosigner')
  }
  return keys.map((key) => derivedSecret(key, authority.path))
}

/**
 * The output script that holds an issuer's funds, as hex: its plain 2-of-3 at `path`.
 * @throws TypeError if the issuer is not three different xpubs and a path
 */
export function fundingScript(issuer: Issuer): string {
  return bytesToHex(payTo(fundsRedeem(keysOf(issuer)).script))
}

/**
 * The address of `fundingScript`, to send coins to.
 * @param network a ledger's: `bitcoin`, else a test network
 * @throws TypeError if the issuer is not three different xpubs and a path
 */
export function fundingAddress(issuer: Issuer, network: string): string {
  return addressOf(fundingScript(issuer), network)
}

/**
 * Finds an issuer's funds on a ledger, the largest. Two transactions made of the same funds exclude each other:
 * broadcast one before looking for the funds of the next.
 * @param options which ones, and how many
 * @param options.confirmed whether only those in a block count: false by default
 * @param options.most how many, ten by default
 * @throws LedgerUnavailable
 */
export async function findFunds(
  ledger: Ledger,
  issuer: Issuer,
  options: { confirmed?: boolean; most?: number } = {},
): Promise<FundingOutput[]> {
  const { confirmed = false, most = 10 } = options
  const utxos = await utxosOf(ledger, issuer)
  const usable = utxos.filter(({ status }) => status.confirmed || !confirmed)
  const largest = usable.toSorted((a, b) => b.value - a.value).slice(0, most)
  const found = await Promise.all(
    largest.map(async ({ txid, vout }) => ({ tx: await ledger.txHex(txid), vout })),
  )
  return found.flatMap(({ tx, vout }) => (tx === undefined ? [] : [{ tx, vout }]))
}

/** An issuer's money on a ledger, in satoshi, unconfirmed outputs included. @throws LedgerUnavailable */
export async function balance(ledger: Ledger, issuer: Issuer): Promise<number> {
  return (await utxosOf(ledger, issuer)).reduce((sum, { value }) => sum + value, 0)
}

function utxosOf(ledger: Ledger, issuer: Issuer): Promise<Utxo[]> {
  return ledger.utxos(scriptHash(hexToBytes(fundingScript(issuer))))
}

/**
 * Makes the transaction that anchors attestations: one P2SH output of 5461 satoshi for each subject (attestations of
 * one tree share an output), whose script commits to the signed subject and can be spent by two of the three keys.
 *
 * @param options.attestations what `issue` returned, or what `verifyOffline` returned for it, all with the same
 *   authority, path and cosigners
 * @param options.keys extended private keys: the authority's, and a cosigner's
 * @param options.funds outputs of `fundingScript`, as `findFunds` returns them; the change goes back to that script
 * @param options.after what `revoke` or `revokeAttested` returned for the same issuer: the transaction spends their
 *   change, so that no block can contain it without them
 * @param options.feeRate satoshi for each byte, 1 by default
 * @param options.network names the ledger in the attestations: `ledger.network`
 * @returns the signed transaction, and the attestations in the first form, which contain it
 * @throws TypeError if the attestations have different issuers, or the keys are not that issuer's
 * @throws RangeError if the funds do not suffice
 * @throws AttestationError if an attestation does not verify
 *
 * @example
 * ```ts
 * import { anchor, findFunds } from 'civic-attestations'
 *
 * const funds = await findFunds(ledger, issuer)
 * const keys = [authority.privateExtendedKey, cosigner.privateExtendedKey] as const
 * const { tx, attestations } = anchor({ attestations: issued, keys, funds, network: ledger.network })
 * await ledger.broadcast(tx)
 * console.log(attestations[0]?.attn.attestation.attestation.tx === tx) // true
 * ```
 */
export function anchor(options: {
  attestations: readonly (Attestation | Credential | Verified)[]
  keys: readonly [authority: string, cosigner: string]
  funds: readonly FundingOutput[]
  after?: readonly Signed[] | undefined
  feeRate?: number | undefined
  network: string
}): Signed & { attestations: Attestation[] } {
  const { keys, funds, after = [], feeRate = FEE_RATE, network } = options
  const statements = options.attestations.map(statementOf)
  const [first] = statements
  if (first === undefined) throw new TypeError('attestations must not be empty')
  const { authority, cosigners } = first.attested
  const issuer = { authority, cosigners }
  if (statements.some(({ attested }) => !isOf(attested, issuer))) {
    throw new TypeError('attestations in one transaction must have the same authority, path and cosigners')
  }
  if (publicOf(keys[0]) !== authority.xpub) throw new TypeError("the first key must be the authority's")

  const subjects = statements.map(({ attested }) => attested.subject)
  const distinct = [...new Map(subjects.map((subject) => [subjectText(subject), subject])).values()]
  const drafted = draftAnchor({ issuer, subjects: distinct, funds, after, feeRate })
  const signed = signWith(drafted, secretsOf(issuer, keys))
  return {
    ...signed,
    attestations: statements.map((statement) =>
      attestationOf({ ...statement, attested: { ...statement.attested, network, tx: signed.tx } }),
    ),
  }
}

/**
 * Makes the transaction of `anchor` without signing it. Each party signs it with `signDraft`; `finishDraft` completes
 * it.
 *
 * @param options.subjects the subjects to anchor, an output for each, in this order
 * @param options.after as for `anchor`, like `funds` and `feeRate`
 * @throws TypeError if the issuer is not three different xpubs and a path
 * @throws RangeError if the funds do not suffice
 */
export function draftAnchor(options: {
  issuer: Issuer
  subjects: readonly Omit<Subject, 'signature'>[]
  funds: readonly FundingOutput[]
  after?: readonly Signed[] | undefined
  feeRate?: number | undefined
}): Draft {
  const { issuer, subjects, funds, after = [], feeRate = FEE_RATE } = options
  const points = keysOf(issuer)
  const redeem = fundsRedeem(points)
  const coin = ({ tx, vout }: FundingOutput): Coin => ({ tx, vout, redeem })
  return draft({
    spend: after.map(({ tx }) => coin({ tx, vout: 0 })),
    coins: funds.map(coin),
    outputs: subjects.map((subject) => ({
      script: payTo(anchorRedeem(subject, points).script),
      amount: ANCHOR_SATOSHI,
    })),
    change: payTo(redeem.script),
    feeRate,
  })
}

/**
 * Puts the anchoring transaction into attestations, as `anchor` does.
 *
 * @param attestations what `issue` returned
 * @param anchored the transaction, and the network of its ledger
 * @param anchored.tx signed, as hex
 */
export function withAnchor(
  attestations: readonly Attestation[],
  anchored: { tx: string; network: string },
): Attestation[] {
  const { tx, network } = anchored
  return attestations.map((attestation) => {
    const { attestation: attested, ...granted } = attestation.attn.attestation
    return {
      ...attestation,
      attn: { attestation: { ...granted, attestation: { ...attested, network, tx } } },
    }
  })
}

function signWith(drafted: Draft, secrets: readonly Uint8Array[]): Signed {
  return complete(
    drafted,
    secrets.map((secret) => signInputs(drafted, secret)),
  )
}

function isOf({ authority, cosigners }: Issuer, issuer: Issuer): boolean {
  return JSON.stringify({ authority, cosigners }) === JSON.stringify(issuer)
}

interface RevokeOptions {
  keys: readonly [string, string]
  feeRate?: number | undefined
  funds?: readonly FundingOutput[] | undefined
}

/**
 * Makes the transaction that revokes an attestation and all others of its tree: it spends the anchor and pays the
 * change to `fundingScript`, its only output.
 *
 * @param options.attestation an anchored attestation of either form, or what `verifyOffline` returned for it
 * @param options.keys the extended private keys of any two of authority, cosigner, cosigner
 * @param options.feeRate satoshi for each byte, 1 by default
 * @param options.funds outputs of `fundingScript`, needed where the fee exceeds what the anchor holds
 * @throws TypeError if the keys are not the attestation's issuer's
 * @throws RangeError if anchor and funds do not cover the fee
 * @throws AttestationError if the attestation does not verify, or has no anchor
 */
export function revoke(
  options: RevokeOptions & { attestation: Attestation | Credential | Verified },
): Signed {
  return spendAnchor(statementOf(options.attestation).attested, options)
}

/**
 * Does what `revoke` does without the leaf, so that an issuer can revoke without keeping anybody's data.
 *
 * @param options.attested `attn.attestation.attestation` of the attestation
 * @throws as `revoke`
 */
export function revokeAttested(options: RevokeOptions & { attested: AttestedSubject }): Signed {
  const read = readAttested(options.attested)
  verifySubject(read.subject)
  return spendAnchor(read, options)
}

function spendAnchor(attested: Attested, { keys, ...options }: RevokeOptions): Signed {
  const { authority, cosigners } = attested
  return signWith(draftSpending([attested], options), secretsOf({ authority, cosigners }, keys))
}

/**
 * Makes the transaction that revokes several attestations of one issuer at once, without signing it. Each party signs
 * it with `signDraft`; `finishDraft` completes it.
 *
 * @param options.attested `attn.attestation.attestation` of each
 * @param options.feeRate, options.funds as for `revoke`
 * @throws as `revoke`
 */
export function draftRevocation(
  options: Omit<RevokeOptions, 'keys'> & { attested: readonly AttestedSubject[] },
): Draft {
  const read = options.attested.map(readAttested)
  for (const { subject } of read) verifySubject(subject)
  return draftSpending(read, options)
}

function draftSpending(
  attested: readonly Attested[],
  { feeRate = FEE_RATE, funds = [] }: Omit<RevokeOptions, 'keys'>,
): Draft {
  const anchors = attested.map((one) => locate(one))
  const [first] = anchors
  if (!first) throw new TypeError('attested must not be empty')
  const plain = fundsRedeem(first.redeem.keys)
  if (anchors.some(({ redeem }) => !sameBytes(fundsRedeem(redeem.keys).script, plain.script))) {
    throw new TypeError('attestations in one transaction must have the same authority, path and cosigners')
  }
  return draft({
    spend: anchors.map(({ tx, vout, redeem }) => ({ tx, vout, redeem })),
    coins: funds.map((coin): Coin => ({ ...coin, redeem: plain })),
    outputs: [],
    change: payTo(plain.script),
    feeRate,
  })
}
