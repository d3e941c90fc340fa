/** A review, for reviewers. */
export interface DocumentView {
  readonly key: string
  readonly set: string
  /** Milliseconds since the epoch. */
  readonly since: number
}

export interface WholeDocument extends DocumentView {
  /** The wallet's, 66 hex digits. */
  readonly publicKey: string
  /** Without the picture, where that is attested itself. */
  readonly claims: Readonly<Record<string, string>>
  /** Each a `data:` URI. */
  readonly pictures: readonly string[]
  /** What the first picture is attested as; undefined where it only shows what is claimed. */
  readonly pictureLabel?: string
}

/** What the cosigner requires of reviewers. */
export interface ReviewerKeys {
  readonly hasCosigner: boolean
  /** Whether it signs for a document only with a reviewer's signature. */
  readonly needsSignature: boolean
  /** The public keys that it knows, as hex. */
  readonly keys: readonly string[]
}
