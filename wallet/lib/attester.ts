import {
  AttestationError,
  LedgerUnavailable,
  signSubject,
  verifyOffline,
  verifyOnLedger,
  verifyTree,
} from 'civic-attestations'
import type { Attestation, Ledger, Tree } from 'civic-attestations'
import { WalletError } from './errors.ts'
import type { Http, JsonResponse } from './http.ts'
import type { SubjectKey } from './keys.ts'
import { attestationSet, SETS } from './sets.ts'
import type { AttestationSet } from './sets.ts'

/** A document's image is about 1 MB, and stands in tree and attestation. */
const MAX_BYTES = 8 * 1024 * 1024
const POLLS = 40
const POLL_MS = 250

/** Where issuing stands: `code-sent` is the wallet's own, the others are the attester's. */
export type AttestState = 'code-sent' | 'review' | 'sign' | 'anchoring' | 'attested' | 'refused'

/** From what needs the person most to what is done. */
const ORDER: readonly AttestState[] = ['refused', 'code-sent', 'review', 'sign', 'anchoring', 'attested']

type Claims = Readonly<Record<string, string>>

/** One set's claims that an attester works on. */
export interface Pending {
  readonly claims: Claims
  readonly url: string
  root?: string
}

/** What a wallet holds, and what an attester still works on. */
export interface KeptAttestations {
  readonly attestations: readonly Attestation[]
  readonly pending: readonly (readonly [key: string, pending: Pending])[]
}

/** The attestations that a wallet holds, and the calls by which it gets more (wallet protocol, "Attester"). */
export class Attestations {
  readonly #http: Http
  readonly #ledger: Ledger | undefined
  readonly #subject: (set: AttestationSet) => SubjectKey
  /** By set: the latest tree alone, since issuing again spends the one before. */
  readonly #held = new Map<AttestationSet, readonly Attestation[]>()
  readonly #pending: Map<string, Pending>

  constructor(
    http: Http,
    ledger: Ledger | undefined,
    subject: (set: AttestationSet) => SubjectKey,
    { attestations, pending }: KeptAttestations = { attestations: [], pending: [] },
  ) {
    this.#http = http
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

  /** @throws TypeError for claims or codes of another form; WalletError */
  async attest(base: string, claims: Claims, codes: unknown): Promise<{ state: AttestState }> {
    const attester = this.#url(base)
    const sets = split(claims)
    const info = await this.#http.send(attester, { maxBytes: MAX_BYTES })
    if (info.status !== 200 || info.json['version'] !== 1) throw refusedBy(info, 'it is no attester')
    const checks = Object.entries((info.json['labels'] ?? {}) as Record<string, { check?: unknown } | null>)
    const needCode = new Set(checks.flatMap(([label, how]) => (how?.check === 'code' ? [label] : [])))
    const authorities = (Array.isArray(info.json['authorities']) ? info.json['authorities'] : []) as string[]
    const given = readCodes(codes, claims, needCode)
    const states: AttestState[] = []
    for (const [set, ofSet] of sets) {
      const state = await this.#attestSet({ attester, authorities, needCode }, set, ofSet, given)
      states.push(state)
    }
    return { state: ORDER.find((state) => states.includes(state)) ?? 'attested' }
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
    { attester, authorities, needCode }: { attester: string; authorities: string[]; needCode: Set<string> },
    set: AttestationSet,
    claims: Claims,
    codes: Claims,
  ): Promise<AttestState> {
    const { xpub } = this.#subject(set)
    const key = JSON.stringify([attester, set, claims])
    let pending = this.#pending.get(key)
    let response = pending && (await this.#http.send(pending.url, { maxBytes: MAX_BYTES }))
    if (!pending || !response || response.status === 404) {
      // What an attester has forgotten is asked for anew
      this.#pending.delete(key)
      const missing = Object.entries(claims).filter(
        ([label, value]) =>
          needCode.has(label) && codes[label] === undefined && this.find(label)?.data.value !== value,
      )
      for (const [label, value] of missing) await this.#askForCode(attester, { xpub, label, value })
      if (missing.length > 0) return 'code-sent'
      const ofSet = Object.fromEntries(Object.entries(codes).filter(([label]) => label in claims))
      const body = { label: set, xpub, claims, codes: ofSet }
      response = await this.#http.send(`${attester}/attestations`, {
        method: 'POST',
        body,
        maxBytes: MAX_BYTES,
      })
      const { id } = response.json
      if (response.status !== 202 || typeof id !== 'string' || !/^[\w-]{1,200}$/.test(id)) {
        throw refusedBy(response, 'it does not take these claims')
      }
      pending = { claims, url: `${attester}/attestations/${id}` }
      this.#pending.set(key, pending)
    }
    const state = await this.#follow(set, pending, response, authorities)
    if (state === 'attested' || state === 'refused') this.#pending.delete(key)
    return state
  }

  async #askForCode(attester: string, body: { xpub: string; label: string; value: string }): Promise<void> {
    const response = await this.#http.send(`${attester}/codes`, { method: 'POST', body, maxBytes: MAX_BYTES })
    if (response.status !== 202) throw refusedBy(response, 'it sends no code')
  }

  /** Signs when there is a tree to sign, and waits a while for the anchor. */
  async #follow(
    set: AttestationSet,
    pending: Pending,
    first: JsonResponse,
    authorities: readonly string[],
  ): Promise<AttestState> {
    let response = first
    for (let polls = 0; ; polls++) {
      const state = stateOf(response)
      if (state === 'attested') await this.#keep(set, pending, response, authorities)
      if (state === 'sign') response = await this.#sign(set, pending, response)
      else if (state !== 'anchoring' || polls === POLLS) return state
      else {
        await new Promise((resolve) => setTimeout(resolve, POLL_MS))
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
    try {
      for (const attestation of attestations) {
        const verified = verifyOffline(attestation)
        const { label, value, labelBound, subject, root: proved } = verified
        const isOurs = subject === xpub && proved === root && labelBound && wanted.get(label) === value
        if (!isOurs) throw attesterRefused('its attestations are not those of the tree that was signed')
        wanted.delete(label)
        if (this.#ledger) await verifyOnLedger(verified, this.#ledger, { authorities })
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

/** A tree whose root commits to exactly these claims. @throws WalletError */
function readTree(input: unknown, claims: Claims): Tree {
  const refuse = (reason?: string): WalletError =>
    attesterRefused('its tree is not one of exactly these claims', reason)
  let tree: Tree
  try {
    tree = verifyTree(input)
  } catch (error) {
    throw refuse((error as AttestationError).code)
  }
  const isOurs = tree.leaves.every(
    ({ label, value }) => Object.hasOwn(claims, label) && claims[label] === value,
  )
  if (!isOurs || tree.leaves.length < Object.keys(claims).length) throw refuse()
  return tree
}

function split(claims: unknown): Map<AttestationSet, Claims> {
  const sets = new Map<AttestationSet, Record<string, string>>()
  for (const [label, value] of Object.entries(claims ?? {})) {
    const set = attestationSet(label)
    if (!set || typeof value !== 'string')
      throw new TypeError('claims must be labels that can be attested, each with a text')
    sets.set(set, { ...sets.get(set), [label]: value })
  }
  if (sets.size === 0) throw new TypeError('claims must hold at least one label')
  return new Map([...sets].sort(([one], [other]) => SETS.indexOf(one) - SETS.indexOf(other)))
}

/** `{ label: code }`, or the one code where one label needs one. */
function readCodes(codes: unknown, claims: Claims, needCode: ReadonlySet<string>): Claims {
  if (codes === undefined) return {}
  if (typeof codes === 'string') {
    const [label, ...more] = Object.keys(claims).filter((name) => needCode.has(name))
    if (label === undefined || more.length > 0)
      throw new TypeError('codes must be an object: not exactly one label needs one')
    return { [label]: codes }
  }
  const isCodes =
    typeof codes === 'object' &&
    codes !== null &&
    Object.values(codes).every((code) => typeof code === 'string')
  if (!isCodes) throw new TypeError('codes must be a text, or an object of label and code')
  return codes as Claims
}

function stateOf(response: JsonResponse): AttestState {
  const { status, json } = response
  const state = json['state'] as AttestState
  if (status < 200 || status > 299 || state === 'code-sent' || !ORDER.includes(state)) {
    throw refusedBy(response, 'it does not know this issuing')
  }
  return state
}

function attesterRefused(why: string, reason?: string): WalletError {
  return new WalletError('ATTESTER_REFUSED', `The attester is not trusted with this: ${why}`, { reason })
}

function refusedBy({ status, json, retryAfter }: JsonResponse, why: string): WalletError {
  const reason = typeof json['code'] === 'string' ? json['code'] : undefined
  return new WalletError('ATTESTER_REFUSED', `The attester refuses: ${why} (status ${status})`, {
    status,
    reason,
    retryAfter,
  })
}
