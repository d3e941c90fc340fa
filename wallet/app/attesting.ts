import { md5 } from '@noble/hashes/legacy.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { anchorOf, LedgerUnavailable, verifyOnLedger } from 'civic-attestations'
import { attestationSet, ATTESTATION_SETS, Labels } from 'passport-civic-sip/user-data'
import type { AttestationSet } from 'passport-civic-sip/user-data'
import { WalletError } from '../lib/index.ts'
import type { AttestState } from '../lib/index.ts'
import { drawPicture } from './card.ts'
import type { Picture } from './card.ts'
import { claimsOf, heldOf, isRevoked, ledgerOf } from './identity.ts'
import type { Identity } from './identity.ts'
import { current, keep } from './store.ts'

type Texts = Readonly<Record<string, string>>

/** By label, what an attester asks for before it attests it: `code`, `review` or `none`. A missing label is not attested. */
export type Checks = Texts

/** @throws Error in words for people */
export async function checksOf({ wallet }: Identity): Promise<Checks> {
  try {
    return await wallet.checks(current().config.attester)
  } catch (error) {
    throw asWords(error, false)
  }
}

/** Has codes sent to an email address and a phone. @throws Error in words for people */
export async function sendCode(identity: Identity, claims: Texts): Promise<void> {
  await attest(identity, claims)
}

/** Has email and phone number attested. @param codes label to the code that was sent there */
export async function verifyContact(identity: Identity, claims: Texts, codes: Texts): Promise<AttestState> {
  return attest(identity, claims, codes)
}

/** Has the identity document attested with a picture, which the wallet draws for a test user. */
export async function verifyDocument(identity: Identity, taken?: Picture): Promise<AttestState> {
  const picture = taken ?? (await drawPicture(identity.values))
  return attest(identity, {
    ...claimsOf(identity, 'attCivicIdentity'),
    [Labels.DOCUMENT_IMAGE]: picture.base64,
    [Labels.DOCUMENT_IMAGE_MD5]: bytesToHex(md5(picture.bytes)),
  })
}

/** Has the address attested. @param picture of a document with it, for an attester that looks at one */
export async function verifyAddress(identity: Identity, picture?: Picture): Promise<AttestState> {
  return attest(identity, claimsOf(identity, 'attCivicResidence'), undefined, picture)
}

/** Updates pending attestations from their attesters, and held ones from the ledger. */
export async function refresh(identity: Identity): Promise<void> {
  const { pending } = identity.wallet.kept()
  // A failure of one must not stop the others
  for (const [, { claims }] of pending) await attest(identity, claims).catch(() => undefined)
  const revoked: AttestationSet[] = []
  for (const set of ATTESTATION_SETS) if (await isSpent(identity, set)) revoked.push(set)
  const before = identity.kept.revoked ?? []
  if (revoked.join() !== before.join()) await keep(identity, { revoked })
}

/** Where a set is anchored; undefined if the wallet does not hold it. */
export function anchorPlace(
  identity: Identity,
  set: AttestationSet,
): { txid: string; vout: number } | undefined {
  const [first] = heldOf(identity, set)
  return first && anchorOf(first)
}

/** An anchor's state on the ledger. */
export interface AnchorFacts {
  /** Absent until it is in a block. */
  readonly block?: number
  /** Milliseconds since the epoch. */
  readonly at?: number
  readonly confirmations: number
  readonly isSpent: boolean
}

/** @throws Error in words for people */
export async function anchorFacts({ txid, vout }: { txid: string; vout: number }): Promise<AnchorFacts> {
  const ledger = ledgerOf(current().config)
  try {
    const [status, { spent }, tip] = await Promise.all([
      ledger.txStatus(txid),
      ledger.outspend(txid, vout),
      ledger.tipHeight(),
    ])
    const { block_height: block, block_time: time } = status
    return {
      ...(block !== undefined && { block }),
      ...(time !== undefined && { at: time * 1000 }),
      confirmations: block === undefined ? 0 : Math.max(0, tip - block + 1),
      isSpent: spent,
    }
  } catch (error) {
    if (error instanceof LedgerUnavailable)
      throw new Error('The blockchain does not respond. Try again later.', { cause: error })
    throw error
  }
}

/** @throws Error in words for people, including a refusal by the attester */
async function attest(
  identity: Identity,
  claims: Texts,
  codes?: Texts,
  picture?: Picture,
): Promise<AttestState> {
  const sets = ATTESTATION_SETS.filter((set) =>
    Object.keys(claims).some((label) => attestationSet(label) === set),
  )
  let refusal: string | undefined
  try {
    const { attester } = current().config
    const options = picture && { picture: picture.base64 }
    const { state, reason } = await identity.wallet.attest(attester, claims, codes, options)
    if (state !== 'refused') return state
    refusal = reason ?? 'it gave no reason.'
  } catch (error) {
    throw asWords(error, codes !== undefined)
  } finally {
    const { refused } = current().identity?.kept ?? identity.kept
    await keep(identity, {
      refused: { ...refused, ...Object.fromEntries(sets.map((set) => [set, refusal])) },
    })
  }
  throw new Error(`The attester refused this: ${refusal}`)
}

async function isSpent(identity: Identity, set: AttestationSet): Promise<boolean> {
  const [first] = heldOf(identity, set)
  if (!first) return false
  const { config } = current()
  try {
    const { state } = await verifyOnLedger(first, ledgerOf(config), config)
    return state === 'spent'
  } catch (error) {
    if (error instanceof LedgerUnavailable) return isRevoked(identity, set)
    throw error
  }
}

function asWords(error: unknown, hasCodes: boolean): unknown {
  if (!(error instanceof WalletError)) return error
  if (error.status === 403 && !hasCodes) return new Error('This attester does not verify these details.')
  if (error.status === 403) return new Error('The code is wrong. Type it again, or send a new one.')
  if (error.status === 429) return new Error('Too many codes were asked for. Try again in a few minutes.')
  if (error.code === 'UNREACHABLE') return new Error('The attester does not respond. Try again.')
  return error
}
