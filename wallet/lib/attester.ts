import {
  AttestationError,
  LedgerUnavailable,
  signSubject,
  VerificationCache,
  verifyOffline,
  verifyOnLedger,
} from 'civic-attestations'
import type { Attestation, Ledger } from 'civic-attestations'
import { AttesterDocuments } from './attester-documents.ts'
import type { AttesterDocument } from './attester-documents.ts'
import { attesterRefused, isAnchored, ORDER, readTree, refusedBy, stateOf } from './attester-responses.ts'
import type { AttestState } from './attester-responses.ts'
import { readCodes, splitClaims } from './claims.ts'
import type { Claims } from './claims.ts'
import { WalletError } from './errors.ts'
import type { Http, JsonResponse } from './http.ts'
import type { SubjectKey } from './keys.ts'
import { attestationSet, SETS } from './sets.ts'
import type { AttestationSet } from './sets.ts'

/** A document's image is about 1 MB, and is in both tree and attestation. */
const MAX_BYTES = 8 * 1024 * 1024
const POLLS = 40
const POLL_MS = 250
const MAX_REASON = 500

/** The result of `attest`. */
export interface AttestOutcome {
  readonly state: AttestState
  /** Why the attester refuses or waits, in its words. */
  readonly reason?: string
}

/** What an attester that has a person review the claims needs besides them. */
export interface AttestOptions {
  /** A JPEG or PNG as base64, at most 1 MiB, that shows what is claimed. */
  readonly picture?: string
}

/** One set's claims that an attester works on. */
export interface Pending {
  readonly claims: Claims
  readonly url: string
  root?: string
}

/** A wallet's attestations, and the claims that an attester still works on. */
export interface KeptAttestations {
  readonly attestations: readonly Attestation[]
  readonly pending: readonly (readonly [key: string, pending: Pending])[]
}

/** What issuing needs besides the claims of a set. */
interface Means {
  readonly attester: string
  readonly authorities: readonly string[]
  readonly needCode: ReadonlySet<string>
  readonly picture: string | undefined
}

/** A wallet's attestations, and the calls that get more (wallet protocol, "Attester"). */
export class Attestations {
  readonly #http: Http
  readonly #documents: AttesterDocuments
  readonly #ledger: Ledger | undefined
  readonly #subject: (set: AttestationSet) => SubjectKey
  /** Set to the attestations of its latest tree, since issuing again spends the previous anchor. */
  readonly #held = new Map<AttestationSet, readonly Attestation[]>()
  readonly #pending: Map<string, Pending>

  constructor(
    http: Http,
    ledger: Ledger | undefined,
    subject: (set: AttestationSet) => SubjectKey,
    clock: () => number,
    { attestations, pending }: KeptAttestations = { attestations: [], pending: [] },
  ) {
    this.#http = http
    this.#documents = new AttesterDocuments(http, clock)
    this.#ledger = ledger
    this.#subject = subject
    this.#pending = new Map(pending.map(([key, one]) => [key, { ...one }]))
    for (const set of SETS) {
      const held = attestations.filter(({ label }) => attestationSet(label) === set)
      if (held.length > 0) this.#held.set(set, held)
    }
  }

  kept(): KeptAttestations {
    return { attestations: this.all(), pending: [...this.#pending] }
  }

  all(): Attestation[] {
    return [...this.#held.values()].flat()
  }

  find(label: string): Attestation | undefined {
    return this.all().find((attestation) => attestation.label === label)
  }

  /** Forgets a set, and its pending claims. @returns a function that restores it */
  remove(set: AttestationSet): () => void {
    const held = this.#held.get(set)
    const pending = [...this.#pending].filter(([, { claims }]) =>
      Object.keys(claims).some((label) => attestationSet(label) === set),
    )
    this.#held.delete(set)
    for (const [key] of pending) this.#pending.delete(key)
    return () => {
      if (held && !this.#held.has(set)) this.#held.set(set, held)
      for (const [key, one] of pending) this.#pending.set(key, one)
    }
  }

  /** @throws WalletError */
  async checks(base: string): Promise<AttesterDocument['checks']> {
    return (await this.#documents.of(this.#url(base))).checks
  }

  /** @throws TypeError for claims, codes or a picture of another form; WalletError */
  async attest(
    base: string,
    claims: Claims,
    codes: unknown,
    { picture }: AttestOptions,
  ): Promise<AttestOutcome> {
    const attester = this.#url(base)
    const sets = splitClaims(claims)
    if (picture !== undefined && typeof (picture as unknown) !== 'string')
      throw new TypeError('picture must be a text in base64')
    const { authorities, checks } = await this.#documents.of(attester)
    const needCode = new Set(Object.keys(checks).filter((label) => checks[label] === 'code'))
    const given = readCodes(codes, claims, needCode)
    const outcomes: AttestOutcome[] = []
    try {
      for (const [set, ofSet] of sets) {
        const isReviewed = Object.keys(ofSet).some((label) => checks[label] === 'review')
        const means = { attester, authorities, needCode, picture: isReviewed ? picture : undefined }
        outcomes.push(await this.#attestSet(means, set, ofSet, given))
      }
    } catch (error) {
      this.#documents.forget(attester)
      throw error
    }
    const [most] = outcomes.sort((one, other) => ORDER.indexOf(one.state) - ORDER.indexOf(other.state))
    return most ?? { state: 'attested' }
  }

  #url(base: unknown): string {
    const url = typeof base === 'string' && URL.canParse(base) ? new URL(base) : undefined
    if (!url || url.username + url.password + url.search + url.hash !== '') {
      throw new WalletError(
        'LINK_REFUSED',
        'The attester must be a URL without credentials, query or fragment',
      )
    }
    if (!this.#http.allows(url)) {
      throw new WalletError(
        'ADDRESS_REFUSED',
        'The attester is plain http, or on this machine or a private network',
      )
    }
    return url.href.replace(/\/$/, '')
  }

  async #attestSet(
    { attester, authorities, needCode, picture }: Means,
    set: AttestationSet,
    claims: Claims,
    codes: Claims,
  ): Promise<AttestOutcome> {
    const { xpub } = this.#subject(set)
    const key = JSON.stringify([attester, set, claims])
    let pending = this.#pending.get(key)
    let response = pending && (await this.#http.send(pending.url, { maxBytes: MAX_BYTES }))
    if (!pending || !response || response.status === 404) {
      // If the attester has forgotten it, start again
      this.#pending.delete(key)
      const needed = Object.entries(claims).filter(
        ([label]) => needCode.has(label) && codes[label] === undefined,
      )
      const missing = needed.filter(([label, value]) => this.find(label)?.data.value !== value)
      if (missing.length > 0) return this.#askForCodes(attester, xpub, missing)
      const ofSet = Object.fromEntries(Object.entries(codes).filter(([label]) => label in claims))
      const body = { label: set, xpub, claims, codes: ofSet, ...(picture !== undefined && { picture }) }
      const wish = { method: 'POST', body, maxBytes: MAX_BYTES } as const
      response = await this.#http.send(`${attester}/attestations`, wish)
      // An attester may require a code even for attested values
      if (response.status === 403 && needed.length > 0) return this.#askForCodes(attester, xpub, needed)
      const { id } = response.json
      if (response.status !== 202 || typeof id !== 'string' || !/^[\w-]{1,200}$/.test(id)) {
        throw refusedBy(response, 'it does not take these claims')
      }
      pending = { claims, url: `${attester}/attestations/${id}` }
      this.#pending.set(key, pending)
    }
    const outcome = await this.#follow(set, pending, response, authorities)
    if (outcome.state === 'attested' || outcome.state === 'refused') this.#pending.delete(key)
    return outcome
  }

  async #askForCodes(attester: string, xpub: string, wanted: [string, string][]): Promise<AttestOutcome> {
    for (const [label, value] of wanted) {
      const wish = { method: 'POST', body: { xpub, label, value }, maxBytes: MAX_BYTES } as const
      const response = await this.#http.send(`${attester}/codes`, wish)
      if (response.status !== 202) throw refusedBy(response, 'it sends no code')
    }
    return { state: 'code-sent' }
  }

  /** Signs when there is a tree to sign, and waits a while for the anchor's transaction. */
  async #follow(
    set: AttestationSet,
    pending: Pending,
    first: JsonResponse,
    authorities: readonly string[],
  ): Promise<AttestOutcome> {
    let response = first
    for (let polls = 0; ;) {
      const state = stateOf(response)
      const { reason } = response.json
      const hasAnchor = state === 'attested' || (state === 'anchoring' && isAnchored(response))
      if (hasAnchor) await this.#keep(set, pending, response, authorities)
      if (state === 'sign') {
        response = await this.#sign(set, pending, response)
      } else if (state !== 'anchoring' || hasAnchor || typeof reason === 'string' || polls === POLLS) {
        return { state, ...(typeof reason === 'string' && { reason: reason.slice(0, MAX_REASON) }) }
      } else {
        if (polls > 0) await new Promise((resolve) => setTimeout(resolve, POLL_MS))
        polls++
        response = await this.#http.send(pending.url, { maxBytes: MAX_BYTES })
      }
    }
  }

  /** Signs the tree's root once every leaf is one of the wallet's claims. */
  async #sign(set: AttestationSet, pending: Pending, { json }: JsonResponse): Promise<JsonResponse> {
    if (pending.root !== undefined) throw attesterRefused('it asks for a second signature')
    const tree = readTree(json['tree'], pending.claims)
    pending.root = tree.root
    const subject = signSubject({ label: set, data: tree.root }, this.#subject(set).xprv)
    const response = await this.#http.send(pending.url, {
      method: 'PUT',
      body: { subject },
      maxBytes: MAX_BYTES,
    })
    if (response.status < 200 || response.status > 299)
      throw refusedBy(response, 'it does not take the signature')
    if (response.json['state'] !== undefined) return response
    return this.#http.send(pending.url, { maxBytes: MAX_BYTES })
  }

  async #keep(
    set: AttestationSet,
    { claims, root }: Pending,
    { json }: JsonResponse,
    authorities: readonly string[],
  ): Promise<void> {
    const attestations = Array.isArray(json['attestations']) ? (json['attestations'] as Attestation[]) : []
    const wanted = new Map(Object.entries(claims))
    const { xpub } = this.#subject(set)
    const cache = new VerificationCache()
    try {
      for (const attestation of attestations) {
        const verified = verifyOffline(attestation, {}, cache)
        const { label, value, labelBound, subject, root: proved } = verified
        const isOurs = subject === xpub && proved === root && labelBound && wanted.get(label) === value
        if (!isOurs) throw attesterRefused('its attestations are not those of the tree that was signed')
        wanted.delete(label)
        if (this.#ledger) await verifyOnLedger(verified, this.#ledger, { authorities, cache })
      }
    } catch (error) {
      if (error instanceof LedgerUnavailable)
        throw new WalletError('UNREACHABLE', 'The ledger cannot be reached')
      if (!(error instanceof AttestationError)) throw error
      throw attesterRefused('its attestations do not verify', error.code)
    }
    if (wanted.size > 0) throw attesterRefused('an attestation is missing')
    this.#held.set(set, attestations)
  }
}
