import { Labels } from 'passport-civic-sip/user-data'
import type { AttestationSet } from 'passport-civic-sip/user-data'
import type { Claims } from '../attester/claims.ts'
import { isApproved } from '../attester/review.ts'
import type { Approval } from './review-text.ts'
import { publicKeyOf } from '../attester/xpub.ts'
import { HttpError } from '../http/http.ts'
import { sha256 } from '../sha256.ts'
import { shortly } from '../operations/describe-error.ts'
import type { Clock } from '../store/expiring-map.ts'
import type { DocumentReview, DocumentStore } from '../store/documents.ts'
import type { DocumentView, ReviewerKeys, WholeDocument } from './document-wire.ts'
import { typeOfPicture } from './pictures.ts'

const MAX_WAITING = 1_000
const LISTED = 100
/** How long a document is stored, reviewed or not. */
const KEEP_MS = 7 * 24 * 60 * 60 * 1000
const SWEPT_AT_ONCE = 100

const NO_COSIGNER: ReviewerKeys = { hasCosigner: false, needsSignature: false, keys: [] }

/** The decision of a reviewer or an identity provider. */
export type Decision =
  | { readonly isApproved: true; readonly approval?: Approval | undefined }
  /** The reason goes to the person. */
  | { readonly isApproved: false; readonly reason: string }

/** Stores a decision: `decide` of a store. */
export type Keep = DocumentStore['decide']

/** The document to review. */
export interface DocumentRequest {
  readonly id: string
  readonly set: AttestationSet
  readonly xpub: string
  readonly claims: Claims
  readonly picture?: string | undefined
}

/**
 * Checks documents instead of reviewers, now or later: an adapter for an identity provider. If it throws, reviewers
 * check the document.
 */
export interface IdentityProvider {
  /** @param decide to be called once, by the process that gets the decision */
  look(document: WholeDocument, decide: (decision: Decision) => Promise<void>): Promise<void>
}

export interface DocumentsOptions {
  readonly store: DocumentStore
  readonly clock: Clock
  readonly provider?: IdentityProvider | undefined
  /** What the cosigner requires of reviewers. Default: the server has no cosigner. */
  readonly reviewerKeys?: (() => Promise<ReviewerKeys>) | undefined
  /** Called with a line for the operator. */
  readonly log?: ((line: string) => void) | undefined
}

/** Documents to review. Their pictures are stored only until the review. */
export class Documents {
  readonly #options: DocumentsOptions
  readonly #keep: Keep = (key, decided) => this.#options.store.decide(key, decided)

  constructor(options: DocumentsOptions) {
    this.#options = options
  }

  /**
   * Submits claims for review.
   * @throws HttpError 403 without a picture, or with something else; 429 if too many wait
   */
  async open({ id, set, xpub, claims, picture }: DocumentRequest): Promise<void> {
    const { store, clock, provider, log } = this.#options
    const image = claims[Labels.DOCUMENT_IMAGE]
    if (image !== undefined && typeOfPicture(image) !== 'image/jpeg') throw refused('a JPEG, as base64')
    if (picture !== undefined && !typeOfPicture(picture)) throw refused('a JPEG or PNG, as base64')
    if (image === undefined && picture === undefined) throw refused('it is missing')
    const review: DocumentReview = {
      ...{ id, set, xpub, claims },
      state: 'waiting',
      since: clock(),
      ...(picture !== undefined && { picture }),
    }
    const key = keyOf(id)
    if (!(await store.insert(key, review, MAX_WAITING))) {
      throw new HttpError(429, 'too many documents are waiting for review', { 'Retry-After': '3600' })
    }
    try {
      await provider?.look(wholeView(key, review), (decision) => this.decide(key, decision))
    } catch (error) {
      log?.(`attester: the identity provider failed: ${shortly(error)}`)
    }
  }

  /** @throws HttpError 503 if the cosigner cannot be reached */
  reviewerKeys(): Promise<ReviewerKeys> {
    return this.#options.reviewerKeys?.() ?? Promise.resolve(NO_COSIGNER)
  }

  /** Finds a document by the wallet's id. */
  find(id: string): Promise<DocumentReview | undefined> {
    return this.#options.store.find(keyOf(id))
  }

  /** Deletes a document whose tree is signed. */
  remove(id: string): Promise<void> {
    return this.#options.store.remove(keyOf(id))
  }

  /** The waiting documents, oldest first. */
  async waiting(): Promise<readonly DocumentView[]> {
    const found = await this.#options.store.waiting(LISTED)
    return found.map(({ key, review: { set, since } }) => ({ key, set, since }))
  }

  /** A waiting document with all its contents. @throws HttpError 404 */
  async read(key: string): Promise<WholeDocument> {
    return wholeView(key, await this.#waiting(key))
  }

  /**
   * Approves or refuses a document. Then its picture is deleted; after a refusal, its claims too.
   * @param keep stores the decision, perhaps with something else. It returns false if the document does not wait
   * @throws HttpError 404 if it does not wait any more; 400 if the signature is not over these claims; if a cosigner
   *   needs a signature: 409 without one, 403 for one by a key that is not a reviewer's, 503 if the cosigner cannot be
   *   reached
   */
  async decide(key: string, decision: Decision, keep: Keep = this.#keep): Promise<void> {
    const { picture: _, ...review } = await this.#waiting(key)
    const { claims: __, ...rest } = review
    const { approval } = decision.isApproved ? decision : {}
    if (approval) checkApproval(approval, key, review)
    if (decision.isApproved) await this.#checkSigner(approval)
    const decided: DocumentReview = decision.isApproved
      ? { ...review, state: 'approved', ...(approval && { approval }) }
      : { ...rest, state: 'refused', reason: decision.reason }
    if (!(await keep(key, decided))) throw unknown()
  }

  sweep(): Promise<void> {
    return this.#options.store.sweep(this.#options.clock() - KEEP_MS, SWEPT_AT_ONCE)
  }

  /** Else the person signs a tree, and the cosigner refuses it. */
  async #checkSigner(approval: Approval | undefined): Promise<void> {
    const { needsSignature, keys } = await this.reviewerKeys()
    if (!needsSignature) return
    if (!approval) throw new HttpError(409, 'approval: the cosigner needs a reviewer’s signature')
    if (!keys.includes(approval.key))
      throw new HttpError(403, 'approval: the cosigner does not know this reviewer’s key')
  }

  async #waiting(key: string): Promise<DocumentReview> {
    const review = await this.#options.store.find(key)
    if (review?.state !== 'waiting') throw unknown()
    return review
  }
}

function checkApproval(approval: Approval, key: string, { xpub, set, claims = {} }: DocumentReview): void {
  const reviewed = { publicKey: publicKeyOf(xpub), set, claims }
  if (approval.id !== key || !isApproved(approval, reviewed, [approval.key])) {
    throw new HttpError(400, 'approval: a signature over these claims')
  }
}

function wholeView(key: string, { set, xpub, since, claims = {}, picture }: DocumentReview): WholeDocument {
  const { [Labels.DOCUMENT_IMAGE]: image, ...others } = claims
  const pictures = [image, picture].filter((one) => one !== undefined)
  return {
    ...{ key, set, since },
    publicKey: publicKeyOf(xpub),
    claims: others,
    ...(image !== undefined && { pictureLabel: Labels.DOCUMENT_IMAGE }),
    pictures: pictures.map((one) => `data:${typeOfPicture(one) ?? 'image/jpeg'};base64,${one}`),
  }
}

function keyOf(id: string): string {
  return sha256(id).toString('hex')
}

function refused(what: string): HttpError {
  return new HttpError(403, `the picture of the document: ${what}`)
}

function unknown(): HttpError {
  return new HttpError(404, 'no such document waits to be looked at')
}
