/** A tree that a transaction anchors, as a cosigner remembers it. */
export interface SubjectClaim {
  /** The hash of what the anchor commits to. */
  readonly subject: string
  /** An output that the transaction spends. */
  readonly outpoint: string
  /** Hashes of the evidence for it, each of which was given. */
  readonly proofs: readonly string[]
  /** Hashes of evidence that shows by itself that it was given. */
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

/** What a cosigner must not forget. */
export interface CosignerStore {
  /** Keeps a value, unless there is one of this name. @returns the one that is kept */
  once(name: string, value: string): Promise<string>
  /** Keeps evidence, to be used once: given again, it can be used again. */
  prove(proof: string, now: number): Promise<void>
  /**
   * Decides on a signature and takes note of it, all or nothing: each subject is new, and uses evidence that nothing
   * else has used; or it was signed for before, and the transaction spends the output that the one before spent, so
   * that a ledger takes one of them.
   * @returns undefined if it may be signed
   */
  claim(claim: SigningClaim): Promise<Refusal | undefined>
  /** Forgets evidence that was not used since that time, and signings of before. */
  sweep(before: number): Promise<void>
}

export const HOUR_MS = 60 * 60 * 1000
