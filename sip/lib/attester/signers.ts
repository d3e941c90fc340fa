import { createHmac } from 'node:crypto'
import { finishDraft, signDraft } from 'civic-attestations'
import type { Attestation, Draft, Issuer as Parties, Signed } from 'civic-attestations'
import type { Approval } from '../documents/review-text.ts'
import { extendedKey } from './xpub.ts'
import type { ExtendedKey } from './xpub.ts'

/** Where the authority's key stands below its xpub, and the cosigners' below theirs. */
export const PATH = '/0/0/11/1221'

/** What the trees of one transaction take as JSON, at most; one alone takes less. A cosigner reads little more. */
export const MAX_TREES_BYTES = 8 * 1024 * 1024

/** A tree that is anchored, and the evidence for it. */
export interface PurposeTree {
  /** All attestations of it. */
  readonly attestations: readonly Attestation[]
  /** Of somebody who looked at the document. */
  readonly approval?: Approval | undefined
}

/** What a transaction is for: a cosigner that is apart signs nothing else. */
export interface Purpose {
  readonly trees: readonly PurposeTree[]
}

/** Who signs too cannot be reached: to be tried again later. */
export class SignerUnavailable extends Error {
  override readonly name = 'SignerUnavailable'
}

/** Signs an issuer's transactions with two of its three keys. */
export interface Signers {
  readonly parties: Parties
  /** @throws SignerUnavailable; HttpError if one of them does not sign this */
  sign(draft: Draft, purpose: Purpose): Promise<Signed>
}

/**
 * All three keys in this process.
 * @param seed from which the keys derive: with it, one can attest to anything
 */
export function localSigners(seed: string): Signers {
  let made: ReturnType<typeof localKeys> | undefined
  // Only once they are needed: to derive them takes longer than all else that a server does as it starts
  const keys = (): ReturnType<typeof localKeys> => (made ??= localKeys(seed))
  return {
    get parties() {
      return keys().parties
    },
    sign: (draft) => {
      const { authority, cosigner } = keys()
      const signatures = signDraft(draft, cosigner, PATH)
      return Promise.resolve(finishDraft(draft, signDraft(draft, authority, PATH), signatures))
    },
  }
}

/** Who the three are, and the private keys of the two that sign. */
function localKeys(seed: string): { parties: Parties; authority: string; cosigner: string } {
  const authority = authorityKey(seed)
  const [first, second] = [keyOf(seed, 'cosigner 1'), keyOf(seed, 'cosigner 2')]
  const parties: Parties = {
    authority: { xpub: authority.xpub, path: PATH },
    cosigners: [{ xpub: first.xpub }, { xpub: second.xpub }],
  }
  return { parties, authority: authority.xprv, cosigner: first.xprv }
}

/** The key that says who attests. */
export function authorityKey(seed: string): ExtendedKey {
  return keyOf(seed, 'authority')
}

function keyOf(seed: string, name: string): ExtendedKey {
  return extendedKey(createHmac('sha512', seed).update(`issuer\0${name}`).digest())
}
