/** A job for the page's worker. */
export type Job =
  | { readonly kind: 'derive'; readonly passphrase: string; readonly way: Derivation }
  | {
      readonly kind: 'decode'
      readonly width: number
      readonly height: number
      readonly data: Uint8ClampedArray
    }

/** How to derive a key from a passphrase: Argon2id. The parameters are stored with the sealed copy. */
export interface Derivation {
  readonly salt: Uint8Array
  /** KiB */
  readonly memory: number
  readonly passes: number
}

/** The worker's response to a job: its result, or why it failed. */
export interface Done {
  readonly id: number
  readonly result?: Uint8Array | string | undefined
  readonly failure?: string
}
