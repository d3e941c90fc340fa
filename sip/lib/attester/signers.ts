import { createHmac } from 'node:crypto'
import { finishDraft, signDraft } from 'civic-attestations'
import type { Attestation, Draft, Issuer as Parties, Signed } from 'civic-attestations'
import { extendedKey } from './xpub.ts'

/** Where the authority's key stands below its xpub, and the cosigners' below theirs. */
const PATH = '/0/0/11/1221'

/** What a transaction is for: a cosigner that is apart signs nothing else. */
export interface Purpose {
  /** The trees that it anchors, each all attestations of one. */
  readonly trees: readonly (readonly Attestation[])[]
}

/** Signs an issuer's transactions with two of its three keys. */
export interface Signers {
  readonly parties: Parties
  /** @throws Error if one of them does not sign */
  sign(draft: Draft, purpose: Purpose): Promise<Signed>
}

/**
 * All three keys in this process.
 * @param seed from which the keys derive: with it, one can attest to anything
 */
export function localSigners(seed: string): Signers {
  const [authority, first, second] = ['authority', 'cosigner 1', 'cosigner 2'].map((name) =>
    extendedKey(createHmac('sha512', seed).update(`issuer\0${name}`).digest()),
  )
  if (!authority || !first || !second) throw new Error('an issuer has three keys')
  return {
    parties: {
      authority: { xpub: authority.xpub, path: PATH },
      cosigners: [{ xpub: first.xpub }, { xpub: second.xpub }],
    },
    sign: (draft) =>
      Promise.resolve(
        finishDraft(draft, signDraft(draft, authority.xprv, PATH), signDraft(draft, first.xprv, PATH)),
      ),
  }
}
