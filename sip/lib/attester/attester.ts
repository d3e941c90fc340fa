import { AttestationError, merkleTree, verifySubject } from 'civic-attestations'
import type { Attestation, Tree } from 'civic-attestations'
import { Labels } from 'passport-civic-sip/user-data'
import type { AttestationSet } from 'passport-civic-sip/user-data'
import type { Checks } from './checks.ts'
import { checkClaims, parseClaims } from './claims.ts'
import type { Claims } from './claims.ts'
import type { CodeOwner } from './codes.ts'
import type { Clock } from '../store/expiring-map.ts'
import type { DocumentReview } from '../store/documents.ts'
import type { ExpiringStore } from '../store/stores.ts'
import type { Documents } from '../documents/documents.ts'
import { HttpError, InputError } from '../http/http.ts'
import type { Issuance } from './issuance.ts'
import { CODE_LABELS } from './issued.ts'
import type { Issuer } from './issuer.ts'
import { randomHex } from '../apps/new-keys.ts'
import { EMAIL_ADDRESS, PHONE_NUMBER } from './mailer.ts'
import type { Proofs } from './proofs.ts'
import type { AttestationWish, CodeWish, OwnRevocation } from './wire.ts'
import { parseXpub } from './xpub.ts'

/** How long a tree waits for its signature. */
const SIGN_MS = 15 * 60 * 1000
/** Each may contain a document's picture. */
const MAX_UNSIGNED = 500

export interface AttesterParts {
  readonly issuer: Issuer
  readonly checks: Checks
  readonly proofs: Proofs
  /** Has documents reviewed, if there are reviewers. */
  readonly documents?: Documents | undefined
  readonly unsigned: ExpiringStore<Unsigned>
  readonly clock: Clock
  /** Whether claims are known to be true for the owner of an extended key, so that they need no code. */
  readonly isKnown: (xpub: string, claims: Claims) => boolean
}

/** What is known about the caller. */
export interface Caller {
  /** Of the wallet's page. */
  readonly host?: string | undefined
  /** The source to count by, such as an IP address. */
  readonly source?: string | undefined
}

/** The state of a request for attestations. */
export interface AttestingStatus {
  readonly state: 'review' | 'sign' | 'anchoring' | 'attested' | 'refused'
  /** To be signed. */
  readonly tree?: Tree
  readonly attestations?: readonly Attestation[]
  /** Why it is refused, or not anchored yet. */
  readonly reason?: string
}

/** The same, with its id. */
export interface Attesting extends AttestingStatus {
  readonly id: string
}

/** A tree that waits for its owner's signature. */
export interface Unsigned {
  readonly set: AttestationSet
  readonly xpub: string
  readonly tree: Tree
}

/**
 * The attester for wallets: it checks claims, makes their tree, has the wallet sign the root, and has it anchored. It
 * never signs a tree that it did not make: an unseen leaf could be shown to somebody.
 */
export class Attester {
  readonly #parts: AttesterParts

  constructor(parts: AttesterParts) {
    this.#parts = parts
  }

  /** Label to its set, and to what it needs: a code, a review of the document, or nothing. */
  get labels(): Checks {
    return this.#parts.checks
  }

  /** Whether claims of this set can need a review of a document. */
  mayNeedReview(set: AttestationSet): boolean {
    const { documents, checks } = this.#parts
    return (
      documents !== undefined &&
      Object.values(checks).some((one) => one.set === set && one.check === 'review')
    )
  }

  /**
   * Sends a code to an address. Only the wallet with this key can use it.
   * @throws InputError for a label that no code proves, or a wrong address
   * @throws HttpError 400 for a wrong xpub, 429
   */
  async sendCode({ xpub, label, value }: CodeWish, { host, source }: Caller = {}): Promise<void> {
    this.#checkAddress(label, value)
    await this.#parts.proofs.send({ label, address: value, publicKey: parseXpub(xpub), source }, host)
  }

  /**
   * Checks claims, and makes their tree for the wallet to sign.
   * @throws HttpError 400 if they are no claims of that set, 403 if what it claims is not proven, 429
   */
  async request(
    { label: set, xpub, claims: wanted, codes, picture }: AttestationWish,
    { source }: Caller = {},
  ): Promise<Attesting> {
    const publicKey = parseXpub(xpub)
    const claims = parseClaims(wanted, set)
    const { clock, unsigned } = this.#parts
    for (const label of Object.keys(claims)) {
      if (!this.labels[label]) throw new HttpError(403, `${label}: this attester cannot check it`)
    }
    checkClaims(set, claims, clock())
    if ((await unsigned.count()) >= MAX_UNSIGNED) throw tooMany()
    // Last, as it uses the codes up
    const codeOf = new Map(Object.entries(codes))
    if (!this.#parts.isKnown(xpub, claims)) await this.#checkCodes(set, { publicKey, source }, claims, codeOf)
    const id = randomHex(32)
    if (await this.#needsReview(set, publicKey, claims)) {
      await this.#parts.documents?.open({ id, set, xpub, claims, picture })
      return { id, state: 'review' }
    }
    return { id, ...(await this.#toSign(id, set, xpub, claims)) }
  }

  /** Makes the tree of proved claims, for the wallet to sign. */
  async #toSign(id: string, set: AttestationSet, xpub: string, claims: Claims): Promise<AttestingStatus> {
    const { clock, unsigned, issuer } = this.#parts
    const made = merkleTree(claims)
    if (!(await unsigned.put(id, { set, xpub, tree: made }, clock() + SIGN_MS, MAX_UNSIGNED))) throw tooMany()
    // Of several that ask at once for what is approved, all get the one that is kept
    const { tree } = (await unsigned.find(id)) ?? { tree: made }
    const issuance = await issuer.find(id)
    if (!issuance) return { state: 'sign', tree }
    // Another signed in the meantime: this tree is one too many
    await unsigned.remove(id)
    return statusOf(issuance)
  }

  /** Whether the document needs a review: not if all its claims are attested to this key already. */
  async #needsReview(set: AttestationSet, publicKey: string, claims: Claims): Promise<boolean> {
    const { documents, issuer, proofs } = this.#parts
    const reviewed = Object.entries(claims).filter(([label]) => this.labels[label]?.check === 'review')
    if (!documents || reviewed.length === 0) return false
    if (proofs.isStrict) return true
    for (const [label, value] of reviewed) {
      if (!(await issuer.isProven(publicKey, set, label, value))) return true
    }
    return false
  }

  /**
   * Accepts the wallet's signature of the tree's root, once.
   * @throws HttpError 400 if it is not over this tree, 403 if it is by another key, 404, 409 if there is one already
   */
  async sign(id: string, subject: unknown): Promise<AttestingStatus> {
    const { issuer, unsigned, documents } = this.#parts
    const found = await unsigned.find(id)
    if (!found) throw (await issuer.find(id)) ? signed() : unknown()
    const { set, xpub, tree } = found
    const approval = (await documents?.find(id))?.approval
    const issuance = reading(() => {
      const verified = verifySubject(subject)
      if (verified.xpub !== xpub) throw new HttpError(403, 'another key must sign this tree')
      return issuer.issue({ id, set, tree, subject: verified, ...(approval && { approval }) })
    })
    // Of several at once, one starts it
    if (!(await issuer.start(issuance))) throw signed()
    await unsigned.remove(id)
    await documents?.remove(id)
    return { state: issuance.state }
  }

  /** @throws HttpError 404 */
  async status(id: string): Promise<AttestingStatus> {
    const { issuer, unsigned, documents } = this.#parts
    // In the order in which one is made of the other, so that a change in between hides nothing
    const review = await documents?.find(id)
    const waiting = await unsigned.find(id)
    const issuance = await issuer.refresh(id)
    if (issuance) return statusOf(issuance)
    if (waiting) return { state: 'sign', tree: waiting.tree }
    if (!review) throw unknown()
    return this.#reviewed(id, review)
  }

  /**
   * Revokes the attestations of a key at its owner's request, which is signed like a subject: `label` is
   * `revoke:<set>`, `data` the root of the attested tree.
   * @throws HttpError 400; 403 if it is not signed, or not for the current attestations; 503
   */
  async revoke({ xpub, label: set, signature }: OwnRevocation): Promise<void> {
    const publicKey = parseXpub(xpub)
    const { issuer } = this.#parts
    const isSigned = (data: string): boolean => {
      try {
        verifySubject({ xpub, label: `revoke:${set}`, data, signature })
        return true
      } catch {
        return false
      }
    }
    // The same response in every case, so that nobody learns what is attested to others
    if (!(await issuer.revokeOwn(publicKey, set, isSigned))) {
      throw new HttpError(403, 'this signature revokes nothing that is attested to this key')
    }
  }

  async sweep(): Promise<void> {
    await this.#parts.unsigned.sweep()
    await this.#parts.issuer.sweep()
    await this.#parts.documents?.sweep()
  }

  /** The state of a document's review. After approval there is a tree to sign. */
  async #reviewed(
    id: string,
    { state, reason, set, xpub, claims }: DocumentReview,
  ): Promise<AttestingStatus> {
    if (state === 'approved' && claims) return this.#toSign(id, set, xpub, claims)
    return state === 'waiting'
      ? { state: 'review' }
      : { state: 'refused', ...(reason !== undefined && { reason }) }
  }

  async #checkCodes(
    set: AttestationSet,
    { publicKey, source }: Omit<CodeOwner, 'address'>,
    claims: Claims,
    codeOf: ReadonlyMap<string, unknown>,
  ): Promise<void> {
    const { issuer, proofs } = this.#parts
    for (const label of CODE_LABELS) {
      if (this.labels[label]?.set !== set || this.labels[label].check !== 'code') continue
      const value = claims[label]
      if (value === undefined) {
        if (label !== Labels.EMAIL) continue
        throw new HttpError(403, `${label}: it is missing, and is attested together with the others`)
      }
      const isProven = !proofs.isStrict && (await issuer.isProven(publicKey, set, label, value))
      if (isProven) continue
      const claimant = { label, address: value, publicKey, source }
      if (!(await proofs.redeem(claimant, codeOf.get(label)))) {
        throw new HttpError(
          403,
          `the code is not the one that was sent to this ${label === Labels.EMAIL ? 'email address' : 'phone'}`,
        )
      }
    }
  }

  /** @throws InputError unless this attester proves the label by a code, and can send it to the address */
  #checkAddress(label: string, value: string): void {
    const proved = Object.keys(this.labels).filter((one) => this.labels[one]?.check === 'code')
    if (!proved.includes(label)) throw new InputError(`label: one of ${proved.join(', ')}`)
    if (label === Labels.PHONE_NUMBER && !PHONE_NUMBER.test(value)) {
      throw new InputError('value: a phone number in international form, such as +1 202 555 0143')
    }
    if (label === Labels.EMAIL && !EMAIL_ADDRESS.test(value)) throw new InputError('value: an email address')
  }
}

function statusOf({ state, attestations, failure }: Issuance): AttestingStatus {
  return {
    state,
    ...(state !== 'refused' && { attestations }),
    ...(failure !== undefined && { reason: failure }),
  }
}

function reading<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof AttestationError) throw new HttpError(400, `${error.message} (${error.code})`)
    throw error
  }
}

function tooMany(): HttpError {
  return new HttpError(429, 'too many attestations wait to be signed', { 'Retry-After': '60' })
}

function signed(): HttpError {
  return new HttpError(409, 'the tree is signed already')
}

function unknown(): HttpError {
  return new HttpError(404, 'there is no such attestation, or it was not signed within 15 minutes')
}
