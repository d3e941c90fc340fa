import { md5 } from '@noble/hashes/legacy.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { anchorOf } from 'civic-attestations'
import { Labels } from 'passport-civic-sip/user-data'
import { attest, attesterAt, lookAgain } from '../lib/hosted/attesting.ts'
import type { Attesting } from '../lib/hosted/attesting.ts'
import { setOf } from '../lib/hosted/wallet-core.ts'
import type { AttestationSet } from '../lib/hosted/wallet-core.ts'
import { ask, Refusal } from 'civic-ui'
import { drawPicture } from './card.ts'
import { hold, kept } from './keep.ts'
import type { Held, Holder } from './keep.ts'

const PATH = '/attester'
const attester = attesterAt(ask, PATH)

/** Has a code sent to the person's address. It arrives in the test mailbox. */
export async function sendCode({ key, email }: Holder): Promise<void> {
  await ask(`POST ${PATH}/codes`, { xpub: key.xpub, label: Labels.EMAIL, value: email })
}

/** Has the address and the phone number attested. @param code that came to the address */
export async function verifyEmail(holder: Holder, code: string): Promise<void> {
  await verify(holder, 'attCivicBasic', claimsOf(holder, 'attCivicBasic'), { [Labels.EMAIL]: code })
}

/** Has the identity document attested, by a picture of the card. */
export async function verifyDocument(holder: Holder): Promise<void> {
  const picture = await drawPicture(holder.values)
  await verify(holder, 'attCivicIdentity', {
    ...claimsOf(holder, 'attCivicIdentity'),
    [Labels.DOCUMENT_IMAGE]: picture.base64,
    [Labels.DOCUMENT_IMAGE_MD5]: bytesToHex(md5(picture.bytes)),
  })
}

export async function verifyAddress(holder: Holder): Promise<void> {
  await verify(holder, 'attCivicResidence', claimsOf(holder, 'attCivicResidence'))
}

/** Looks again at all that the person holds: is it in a block, was it revoked, does its ledger still know it? */
export async function refresh({ id, held }: Holder): Promise<void> {
  for (const [set, before] of Object.entries(held) as [AttestationSet, Held][]) {
    const after = await current(before)
    // In the meantime the person may have verified it anew
    const now = kept().holders.find((holder) => holder.id === id)?.held[set]
    const isSame = now?.id === before.id
    if (isSame && JSON.stringify(after) !== JSON.stringify(before)) hold(id, set, after)
  }
}

/** Where an attestation is anchored; undefined while it is not. */
export function anchorPlace({ attestations: [first] }: Held): { txid: string; vout: number } | undefined {
  return first?.attn.attestation.attestation.tx === undefined ? undefined : anchorOf(first)
}

/** @returns the person's values of a set */
export function claimsOf({ values }: Holder, set: AttestationSet): Record<string, string> {
  const claims = Object.entries(values).filter(([label]) => setOf(label) === set)
  return Object.fromEntries(claims)
}

async function verify(
  { id, key }: Holder,
  set: AttestationSet,
  claims: Record<string, string>,
  codes: Record<string, string> = {},
): Promise<void> {
  hold(id, set, heldOf(await attest(attester, { set, claims, codes }, key)))
}

function heldOf({ id, state, attestations = [], reason }: Attesting): Held {
  const status = state === 'attested' ? 'permanent' : 'temporary'
  return { id, status, attestations, ...(reason !== undefined && { failure: reason }) }
}

/** @returns undefined if neither the issuer nor the ledger knows it any more, say after the sandbox began anew */
async function current(held: Held): Promise<Held | undefined> {
  if (held.status === 'revoked') return held
  const known = held.status === 'temporary' ? await issued(held) : held
  const place = known && anchorPlace(known)
  if (!known || !place) return known
  const tx = `/ledger/tx/${place.txid}`
  if (!(await found(ask(`GET ${tx}`)))) return undefined
  const { spent } = await ask<{ spent: boolean }>(`GET ${tx}/outspend/${place.vout}`)
  return spent ? { ...known, status: 'revoked' } : known
}

/** What the issuer says by now. It forgets what was anchored before it last started; the ledger does not. */
async function issued(held: Held): Promise<Held | undefined> {
  const root = held.attestations[0]?.attnData
  const attesting = held.id && root ? await found(lookAgain(attester, held.id, root)) : undefined
  if (attesting) return heldOf(attesting)
  const place = anchorPlace(held)
  if (!place) return undefined
  const { confirmed } = await ask<{ confirmed: boolean }>(`GET /ledger/tx/${place.txid}/status`)
  return confirmed ? { ...held, status: 'permanent' } : held
}

async function found<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof Refusal && error.status === 404) return undefined
    throw error
  }
}
