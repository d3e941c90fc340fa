import { createHmac } from 'node:crypto'
import {
  anchorScript,
  AttestationError,
  inspectDraft,
  signDraft,
  VerificationCache,
  verifyOffline,
  verifyTree,
} from 'civic-attestations'
import type {
  Attestation,
  Draft,
  DraftFacts,
  InputSignature,
  Issuer as Parties,
  Subject,
} from 'civic-attestations'
import { Labels } from 'passport-civic-sip/user-data'
import type { Claims } from '../attester/claims.ts'
import { CODE_LABELS } from '../attester/issued.ts'
import { EMAIL_ADDRESS, PHONE_NUMBER } from '../attester/mailer.ts'
import type { Claimant, OwnProofs } from '../attester/proofs.ts'
import { isApproved } from '../attester/review.ts'
import { PATH } from '../attester/signers.ts'
import type { Purpose, PurposeTree } from '../attester/signers.ts'
import type { ExtendedKey } from '../attester/xpub.ts'
import { reviewText } from '../documents/review-text.ts'
import { HttpError } from '../http/http.ts'
import { sha256 } from '../sha256.ts'
import type { Clock } from '../store/expiring-map.ts'
import { AUTHORITY, HOUR_MS } from './store.ts'
import type { CosignerStore, HourlyLimits, Refusal, SubjectClaim } from './store.ts'

/** The value of every anchor, in satoshi. */
const ANCHOR_SATOSHI = 5461
/** How long evidence can be used: as long as a tree may wait for money. */
const KEEP_MS = 7 * 24 * HOUR_MS

export interface CosignerOptions {
  /** The cosigner's own key. */
  readonly key: ExtendedKey
  /** The third key's extended public key. The private key is offline, and recovers the money. */
  readonly recovery: string
  readonly store: CosignerStore
  /** Codes that this program sends and checks. Without them, and without reviewers, it only limits money. */
  readonly proofs?: OwnProofs | undefined
  /** The reviewers' P-256 public keys, as hex. Their approvals are evidence. */
  readonly reviewers?: readonly string[]
  /** The most to sign in an hour. Default: 600 anchors, 1,000,000 satoshi of fees. */
  readonly limits?: HourlyLimits
  /** The highest fee, in satoshi for each byte. Default: 100. */
  readonly maxFeeRate?: number
  readonly clock?: Clock
}

/** A cosigner's description of itself. */
export interface CosignerFacts {
  readonly version: 1
  /** Its own, and the third key's. */
  readonly xpubs: readonly [string, string]
  /** Whether it signs anchors only with evidence. */
  readonly needsEvidence: boolean
  /** Whether it sends the codes. */
  readonly sendsCodes: boolean
  /** Whether it sends them to phones as well. */
  readonly sendsTexts: boolean
  /** The public keys of its reviewers, as hex. */
  readonly reviewers: readonly string[]
}

/**
 * Holds the second of three keys in a separate program, so that an attacker on the server can neither take the money
 * nor attest unproved claims. It signs only transactions that spend this issuer's money and anchors, and that pay only
 * its funds and the anchors of the given trees, each with its evidence, once.
 */
export class Cosigner {
  readonly #options: Required<Omit<CosignerOptions, 'proofs'>>
  readonly #proofs: OwnProofs | undefined

  constructor(options: CosignerOptions) {
    const {
      reviewers = [],
      limits = { anchors: 600, fee: 1_000_000 },
      maxFeeRate = 100,
      clock = Date.now,
    } = options
    this.#options = { ...options, reviewers, limits, maxFeeRate, clock }
    this.#proofs = options.proofs
  }

  get facts(): CosignerFacts {
    const { key, recovery } = this.#options
    return {
      version: 1,
      xpubs: [key.xpub, recovery],
      needsEvidence: this.#needsEvidence,
      sendsCodes: this.#proofs !== undefined,
      sendsTexts: this.#proofs?.sendsTexts === true,
      reviewers: this.#options.reviewers,
    }
  }

  get #needsEvidence(): boolean {
    return this.#proofs !== undefined || this.#options.reviewers.length > 0
  }

  /** @throws HttpError 400 for an address that no code can get to; 429; 404 if it sends no codes */
  async sendCode(claimant: Claimant, host: string | undefined): Promise<void> {
    const { label, address } = claimant
    const form = label === Labels.PHONE_NUMBER ? PHONE_NUMBER : EMAIL_ADDRESS
    if (!form.test(address)) throw new HttpError(400, 'address: an email address or a phone number')
    await this.#codes().send(claimant, host)
  }

  /** Whether a code is the live one, which is then evidence, once. @throws HttpError 429; 404 if it sends no codes */
  async redeem(claimant: Claimant, code: unknown): Promise<boolean> {
    const { store, clock } = this.#options
    if (!(await this.#codes().redeem(claimant, code))) return false
    const { publicKey, label, address } = claimant
    await store.prove(this.#codeProof(publicKey, label, address), clock())
    return true
  }

  /**
   * Signs a transaction if the rules allow it.
   * @param parties the issuer's keys. The first ones are stored. Others are accepted once the operator has replaced the
   *   authority; the former one may then only revoke
   * @throws HttpError 403 that says why not
   */
  async sign(parties: Parties, draft: Draft, { trees }: Purpose): Promise<InputSignature[]> {
    const { store, key, limits, clock } = this.#options
    await this.#checkParties(parties, trees)
    const facts = reading(() => inspectDraft(draft, parties))
    this.#checkMoney(facts)
    const scripts = facts.outputs.filter((output) => output.kind === 'script')
    const wanted = new Map(scripts.map(({ script, value }) => [script, value]))
    if (wanted.size < scripts.length) throw refused('it pays to one anchor twice')
    const subjects: SubjectClaim[] = []
    const [first] = facts.inputs
    for (const tree of trees) {
      const { script, ...claim } = this.#claimOf(parties, tree)
      if (wanted.get(script) !== ANCHOR_SATOSHI)
        throw refused('it does not anchor each tree with 5461 satoshi')
      wanted.delete(script)
      subjects.push({ ...claim, outpoint: `${first?.txid ?? ''}:${first?.vout ?? 0}` })
    }
    if (wanted.size > 0) throw refused('it pays to somebody else')
    const refusal = await store.claim({ subjects, fee: facts.fee, now: clock(), limits })
    if (refusal) throw refused(REASONS[refusal])
    return signDraft(draft, key.xprv, PATH)
  }

  async sweep(): Promise<void> {
    await this.#proofs?.sweep()
    await this.#options.store.sweep(this.#options.clock() - KEEP_MS)
  }

  #codes(): OwnProofs {
    if (!this.#proofs) throw new HttpError(404, 'this cosigner sends no codes')
    return this.#proofs
  }

  /** With a key, so that nobody who reads the database can try addresses. */
  #codeProof(publicKey: string, label: string, address: string): string {
    return createHmac('sha256', this.#options.key.xprv)
      .update(JSON.stringify(['code', publicKey, label, address]))
      .digest('hex')
  }

  async #checkParties(parties: Parties, trees: Purpose['trees']): Promise<void> {
    const { store, key, recovery } = this.#options
    const { authority, cosigners } = parties
    const isOurs = cosigners[0].xpub === key.xpub && cosigners[1].xpub === recovery && authority.path === PATH
    if (!isOurs) throw refused('the issuer’s keys are others')
    if (await store.isFormerAuthority(authority.xpub)) {
      if (trees.length > 0) throw refused('the authority was replaced, and may only revoke')
      return
    }
    // Another key means another server
    if ((await store.once(AUTHORITY, authority.xpub)) !== authority.xpub)
      throw refused('the authority is another')
  }

  #checkMoney({ inputs, outputs, fee, bytes }: DraftFacts): void {
    if (fee < 0 || fee > bytes * this.#options.maxFeeRate) throw refused('the fee is too high')
    // Otherwise it only burns money
    const isOfUse =
      inputs.some(({ kind }) => kind === 'anchor') || outputs.some(({ kind }) => kind === 'script')
    if (!isOfUse) throw refused('it neither anchors nor revokes anything')
  }

  /** A tree's anchor, and the evidence that it needs. */
  #claimOf(
    parties: Parties,
    { attestations, approval }: PurposeTree,
  ): Omit<SubjectClaim, 'outpoint'> & { script: string } {
    const { subject, publicKey, set, claims } = reading(() => readTree(parties, attestations))
    const claim = {
      script: anchorScript(parties, subject),
      subject: hash('subject', JSON.stringify(subject)),
    }
    if (!this.#needsEvidence) return { ...claim, proofs: [], approvals: [] }
    const byCode = Object.entries(claims).filter(([label]) => CODE_LABELS.includes(label))
    const proofs = byCode.map(([label, value]) => this.#codeProof(publicKey, label, value))
    if (byCode.length === Object.keys(claims).length) return { ...claim, proofs, approvals: [] }
    const reviewed = { publicKey, set, claims }
    if (!approval || !isApproved(approval, reviewed, this.#options.reviewers)) throw refused(REASONS.evidence)
    return { ...claim, proofs, approvals: [hash('review', reviewText({ ...reviewed, id: approval.id }))] }
  }
}

const REASONS: Readonly<Record<Refusal, string>> = {
  evidence: 'evidence is missing, or used already',
  anchored: 'one of the trees is anchored by another transaction',
  limit: 'too much was signed in this hour',
}

interface ReadTree {
  readonly subject: Subject
  readonly publicKey: string
  readonly set: string
  readonly claims: Claims
}

/** Checks that attestations are all from one tree of this issuer. @throws AttestationError, TypeError */
function readTree(parties: Parties, attestations: readonly Attestation[]): ReadTree {
  const cache = new VerificationCache()
  const verified = attestations.map((attestation) => verifyOffline(attestation, {}, cache))
  const [first] = verified
  if (!first) throw new TypeError('a tree has at least one label')
  const [{ attn }] = attestations as [Attestation]
  const { subject, authority, cosigners } = attn.attestation.attestation
  if (JSON.stringify({ authority, cosigners }) !== JSON.stringify(parties))
    throw new TypeError('another issuer')
  // A hidden leaf could be anything
  verifyTree({ root: first.root, leaves: attestations.map(({ data }) => data) })
  if (verified.some(({ root, labelBound }) => root !== first.root || !labelBound))
    throw new TypeError('two trees')
  const claims = Object.fromEntries(verified.map(({ label, value }) => [label, value]))
  return { subject, publicKey: first.publicKey, set: first.set, claims }
}

function hash(...parts: readonly string[]): string {
  return sha256(JSON.stringify(parts)).toString('hex')
}

function reading<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof AttestationError || error instanceof TypeError) throw refused(error.message)
    throw error
  }
}

function refused(why: string): HttpError {
  return new HttpError(403, `the cosigner does not sign this: ${why}`)
}
