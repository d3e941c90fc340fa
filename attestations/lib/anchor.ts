import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import { Address, NETWORK, OutScript, TEST_NETWORK } from '@scure/btc-signer'
import { pay, type Coin, type FundingOutput, type Signed } from './build.ts'
import type { Attestation, Issuer } from './forms.ts'
import { derivedSecret, publicOf } from './keys.ts'
import type { Ledger } from './ledger.ts'
import { locateAny } from './locate.ts'
import {
  ANCHOR_SATOSHI,
  ISSUER_RULE,
  anchorRedeem,
  fundsRedeem,
  issuerKeys,
  payTo,
  scriptHash,
} from './script.ts'
import { subjectText } from './subject.ts'
import { verifyOffline } from './verify.ts'

/** Satoshi for each byte, unless the caller knows better: an anchor covers its own revocation up to ten times this. */
const FEE_RATE = 1

const issuerOf = ({ attn }: Attestation): Issuer => {
  const { authority, cosigners } = attn.attestation.attestation
  return { authority, cosigners }
}

const keysOf = (issuer: Issuer): Uint8Array[] => {
  const keys = issuerKeys(issuer)
  if (keys === undefined) throw new TypeError(ISSUER_RULE)
  return keys
}

/** The secrets of two of the issuer's three keys. */
const secretsOf = ({ authority, cosigners }: Issuer, keys: readonly string[]): Uint8Array[] => {
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
export const fundingScript = (issuer: Issuer): string => bytesToHex(payTo(fundsRedeem(keysOf(issuer)).script))

/**
 * The address of `fundingScript`, to send coins to.
 * @param network a ledger's: `bitcoin`, else a test network
 * @throws TypeError if the issuer is not three different xpubs and a path
 */
export const fundingAddress = (issuer: Issuer, network: string): string =>
  Address(network === 'bitcoin' ? NETWORK : TEST_NETWORK).encode(
    OutScript.decode(hexToBytes(fundingScript(issuer))),
  )

/**
 * Finds an issuer's funds on a ledger, the ten largest. Two transactions made of the same funds exclude each other:
 * broadcast one before looking for the funds of the next.
 * @throws LedgerUnavailable
 */
export const findFunds = async (ledger: Ledger, issuer: Issuer): Promise<FundingOutput[]> => {
  const utxos = await ledger.utxos(scriptHash(hexToBytes(fundingScript(issuer))))
  const largest = utxos.toSorted((a, b) => b.value - a.value).slice(0, 10)
  const found = await Promise.all(
    largest.map(async ({ txid, vout }) => ({ tx: await ledger.txHex(txid), vout })),
  )
  return found.flatMap(({ tx, vout }) => (tx === undefined ? [] : [{ tx, vout }]))
}

/**
 * Makes the transaction that anchors attestations: one P2SH output of 5461 satoshi for each subject (what shares a
 * tree shares an output), whose script commits to the signed subject and can be spent by two of the three keys.
 *
 * @param options.attestations what `issue` made, all with the same authority, path and cosigners
 * @param options.keys extended private keys: the authority's, and a cosigner's
 * @param options.funds outputs of `fundingScript`, as `findFunds` gives them; what is left goes back to that script
 * @param options.feeRate satoshi for each byte, 1 by default
 * @param options.network names the ledger in the attestations: `ledger.network`
 * @returns the signed transaction, and copies of the attestations that carry it
 * @throws TypeError if the attestations differ in their issuer, or the keys are not those
 * @throws RangeError if the funds do not suffice
 * @throws AttestationError if an attestation does not verify
 */
export const anchor = (options: {
  attestations: readonly Attestation[]
  keys: readonly [authority: string, cosigner: string]
  funds: readonly FundingOutput[]
  feeRate?: number | undefined
  network: string
}): Signed & { attestations: Attestation[] } => {
  const { attestations, keys, funds, feeRate = FEE_RATE, network } = options
  const [first] = attestations
  if (first === undefined) throw new TypeError('attestations must not be empty')
  const issuer = issuerOf(first)
  if (attestations.some((other) => JSON.stringify(issuerOf(other)) !== JSON.stringify(issuer))) {
    throw new TypeError('attestations in one transaction must have the same authority, path and cosigners')
  }
  if (publicOf(keys[0]) !== issuer.authority.xpub) {
    throw new TypeError("the first key must be the authority's")
  }
  for (const attestation of attestations) verifyOffline(attestation)

  const points = keysOf(issuer)
  const redeem = fundsRedeem(points)
  const subjects = attestations.map(({ attn }) => attn.attestation.attestation.subject)
  const distinct = new Map(subjects.map((subject) => [subjectText(subject), subject])).values()
  const outputs = Array.from(distinct, (subject) => ({
    script: payTo(anchorRedeem(subject, points).script),
    amount: ANCHOR_SATOSHI,
  }))
  const coins = funds.map((coin): Coin => ({ ...coin, redeem }))
  const change = payTo(redeem.script)
  const signed = pay({ spend: [], coins, outputs, change, feeRate }, secretsOf(issuer, keys))
  return {
    ...signed,
    attestations: attestations.map((attestation) => ({
      ...attestation,
      attn: {
        attestation: {
          ...attestation.attn.attestation,
          attestation: { ...attestation.attn.attestation.attestation, network, tx: signed.tx },
        },
      },
    })),
  }
}

/**
 * Makes the transaction that revokes an attestation, and with it all that share its tree: it spends the anchor, and
 * what is left goes back to `fundingScript`.
 *
 * @param options.attestation an anchored one
 * @param options.keys the extended private keys of any two of authority, cosigner, cosigner
 * @param options.feeRate satoshi for each byte, 1 by default
 * @param options.funds outputs of `fundingScript`, needed where the fee exceeds what the anchor holds
 * @throws TypeError if the keys are not of the attestation's issuer
 * @throws RangeError if anchor and funds do not cover the fee
 * @throws AttestationError if the attestation has no anchor
 */
export const revoke = (options: {
  attestation: Attestation
  keys: readonly [string, string]
  feeRate?: number | undefined
  funds?: readonly FundingOutput[] | undefined
}): Signed => {
  const { attestation, keys, feeRate = FEE_RATE, funds = [] } = options
  const issuer = issuerOf(attestation)
  const { tx, vout, redeem } = locateAny(attestation)
  const plain = fundsRedeem(redeem.keys)
  const coins = funds.map((coin): Coin => ({ ...coin, redeem: plain }))
  return pay(
    { spend: [{ tx, vout, redeem }], coins, outputs: [], change: payTo(plain.script), feeRate },
    secretsOf(issuer, keys),
  )
}
