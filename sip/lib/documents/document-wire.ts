/** A review as a reviewer sees it. */
export interface DocumentView {
  readonly key: string
  readonly set: string
  /** Milliseconds since the epoch. */
  readonly since: number
}

export interface WholeDocument extends DocumentView {
  /** The wallet's, 66 hex digits. A reviewer's signature is over `key` as its id, `publicKey`, `set` and all claims. */
  readonly publicKey: string
  readonly claims: Readonly<Record<string, string>>
  /** Each a `data:` URI. */
  readonly pictures: readonly string[]
}
