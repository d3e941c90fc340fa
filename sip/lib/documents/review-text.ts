import type { WholeDocument } from './document-wire.ts'

/** The contents of a reviewer's approval. */
export interface Reviewed {
  /** The id of the request for attestations, so that an approval counts once. */
  readonly id: string
  /** The wallet's public key, 66 hex digits. */
  readonly publicKey: string
  readonly set: string
  readonly claims: Readonly<Record<string, string>>
}

/** A reviewer's signature, which proves the review to a separate cosigner. */
export interface Approval {
  readonly id: string
  /** The reviewer's P-256 public key, as hex. */
  readonly key: string
  /** ECDSA P-256 with SHA-256 over `reviewText`, r ‖ s as hex. */
  readonly signature: string
}

/** The text that a reviewer signs. */
export function reviewText({ id, publicKey, set, claims }: Reviewed): string {
  const sorted = Object.entries(claims).sort(([one], [other]) => (one < other ? -1 : 1))
  return JSON.stringify(['civic-review', id, publicKey, set, sorted])
}

/** What an approval of this document covers, as the reviewer sees it. */
export function reviewedOf({ key, publicKey, set, claims, pictures, pictureLabel }: WholeDocument): Reviewed {
  const [picture = ''] = pictures
  const pictured = pictureLabel === undefined ? {} : { [pictureLabel]: picture.replace(/^.*,/, '') }
  return { id: key, publicKey, set, claims: { ...claims, ...pictured } }
}
