/** A cosigner's record of a tree that a transaction anchors. */
export interface SubjectClaim {
  /** The hash of what the anchor commits to. */
  readonly subject: string
  /** An output that the transaction spends. */
  readonly outpoint: string
  /** Hashes of its evidence, each of which must have been given. */
  readonly proofs: readonly string[]
  /** Hashes of evidence that proves itself. */
  readonly approvals: readonly string[]
}

export interface HourlyLimits {
  readonly anchors: number
  /** Satoshi. */
  readonly fee: number
}

export interface SigningClaim {
  readonly subjects: readonly SubjectClaim[]
  /** Satoshi. */
  readonly fee: number
  readonly now: number
  readonly limits: HourlyLimits
}

/** Why a signature is refused: evidence is missing or used, the tree is anchored elsewhere, or too much was signed. */
export type Refusal = 'evidence' | 'anchored' | 'limit'

/** A cosigner's storage. */
export interface CosignerStore {
  /** Stores a value, unless there is one with this name. @returns the stored value */
  once(name: string, value: string): Promise<string>
  /** Stores another value in place of the one of this name. */
  replace(name: string, value: string): Promise<void>
  /**
   * Has another authority follow: the stored one becomes a former one, and the next one that calls is stored.
   * @returns false if no authority is stored
   */
  replaceAuthority(): Promise<boolean>
  isFormerAuthority(xpub: string): Promise<boolean>
  /** Stores evidence, to be used once. If it is given again, it can be used again. */
  prove(proof: string, now: number): Promise<void>
  /**
   * Decides on a signature and records it, all or nothing. Each subject must be new, with unused evidence; or it was
   * signed before, and the transaction spends the same output as the earlier one, so that a ledger accepts only one of
   * them.
   * @returns undefined if it may be signed
   */
  claim(claim: SigningClaim): Promise<Refusal | undefined>
  /** Deletes evidence that was not used since that time, and earlier signatures. */
  sweep(before: number): Promise<void>
}

/** The name of the authority's xpub in `CosignerStore.once`. */
export const AUTHORITY = 'authority'

export const HOUR_MS = 60 * 60 * 1000
