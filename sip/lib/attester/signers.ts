import { createHmac } from 'node:crypto'
import { finishDraft, signDraft } from 'civic-attestations'
import type { Attestation, Draft, Issuer as Parties, Signed } from 'civic-attestations'
import type { Approval } from '../documents/review-text.ts'
import { extendedKey } from './xpub.ts'
import type { ExtendedKey } from './xpub.ts'

/** The path of each key below its xpub, the authority's and the cosigners'. */
export const PATH = '/0/0/11/1221'

/** The most bytes of JSON of the trees of one transaction. One tree has fewer. A cosigner reads little more. */
export const MAX_TREES_BYTES = 8 * 1024 * 1024

/** A tree to anchor, and the evidence for it. */
export interface PurposeTree {
  /** All its attestations. */
  readonly attestations: readonly Attestation[]
  /** The reviewer's approval of the document. */
  readonly approval?: Approval | undefined
}

/** The purpose of a transaction. A separate cosigner signs nothing else. */
export interface Purpose {
  readonly trees: readonly PurposeTree[]
}

/** The other signer cannot be reached. Try again later. */
export class SignerUnavailable extends Error {
  override readonly name = 'SignerUnavailable'
}

/** Signs an issuer's transactions with two of its three keys. */
export interface Signers {
  readonly parties: Parties
  /** @throws SignerUnavailable; HttpError if a party refuses to sign */
  sign(draft: Draft, purpose: Purpose): Promise<Signed>
}

/**
 * All three keys in this process.
 * @param seed the keys derive from it. Anybody who has it can attest anything
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

/** The attester's authority key. */
export function authorityKey(seed: string): ExtendedKey {
  return keyOf(seed, 'authority')
}

function keyOf(seed: string, name: string): ExtendedKey {
  return extendedKey(createHmac('sha512', seed).update(`issuer\0${name}`).digest())
}
