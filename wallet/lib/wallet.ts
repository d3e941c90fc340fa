import type { Attestation } from 'civic-attestations'
import type { WalletAnswer } from 'passport-civic-sip/direct'
import { resolvedAnswer } from './answer.ts'
import { Attestations } from './attester.ts'
import type { AttestOptions, AttestOutcome } from './attester.ts'
import type { ConnectOptions } from './connect.ts'
import { WalletError } from './errors.ts'
import { Http } from './http.ts'
import type { JsonResponse } from './http.ts'
import { sealAnswer } from './jose.ts'
import { readSeed, WalletKeys } from './keys.ts'
import { KNOWN } from './options.ts'
import type { WalletKept, WalletOptions } from './options.ts'
import { fetchRequest, readLink, showsAttestations } from './request.ts'
import type { CheckedRequest } from './request.ts'
import type { AttestationSet } from './sets.ts'
import { TrustedSips } from './sips.ts'
import type { Approved, WalletRequest } from './wallet-request.ts'
import { isWayBack } from './way-back.ts'
import { WellKnownDocuments } from './well-known.ts'

interface Checked extends CheckedRequest {
  /** The client that the wallet's key is for. */
  readonly client: string
}

interface Sent {
  readonly decision: 'approve' | 'decline'
  readonly body: { answer: string }
  /** Milliseconds since the epoch, after which no wallet can read the request. */
  readonly expires: number
}

const MAX_RESPONSE = 64 * 1024
const TOLERANCE_MS = 60_000

/** A wallet without a screen, for programs and tests, in Node and in browsers. */
export class Wallet {
  readonly #keys: WalletKeys
  readonly #http: Http
  readonly #documents: WellKnownDocuments
  readonly #sips: TrustedSips
  readonly #clock: () => number
  readonly #attestations: Attestations
  /** The wallet's private details of each request that it has read. */
  readonly #checked = new WeakMap<WalletRequest, Checked>()
  /** Requester and uuid to the response, so that a request never gets two different ones. */
  readonly #sent = new Map<string, Sent>()

  /** @throws TypeError naming the option that is wrong */
  constructor(options: WalletOptions) {
    for (const option of Object.keys(options)) {
      if (!KNOWN.includes(option)) throw new TypeError(`${option} is not an option`)
    }
    const { mnemonic, seed, trustedSips = [], ledger, kept, allowPrivate = false, clock = Date.now } = options
    const { fetch, lookup } = options
    if (typeof allowPrivate !== 'boolean') throw new TypeError('allowPrivate must be true or false')
    const connection: ConnectOptions = { allowPrivate, fetch, lookup }
    this.#keys = new WalletKeys(readSeed(mnemonic, seed))
    this.#http = new Http(connection)
    this.#documents = new WellKnownDocuments(this.#http, clock)
    this.#clock = clock
    this.#sips = new TrustedSips(trustedSips, kept?.sipIds)
    this.#attestations = new Attestations(this.#http, ledger, (set) => this.#keys.subject(set), clock, kept)
  }

  /**
   * Fetches a request and checks it. Contacts only the requester.
   *
   * @param linkOrUrl the text of a QR code, or only the callback URL
   * @throws WalletError
   */
  async read(linkOrUrl: string): Promise<WalletRequest> {
    const link = readLink(linkOrUrl, this.#http)
    this.#forgetExpired()
    if (this.#sent.has(nameOf(link))) throw alreadyAnswered()
    const found = await fetchRequest(link, this.#http, this.#documents, this.#clock())
    const client = this.#sips.clientOf(found)
    const { data, requester } = found
    const request: WalletRequest = Object.freeze({
      uuid: found.uuid,
      host: new URL(found.origin).host,
      name: data.name,
      ...(data.logo !== undefined && { logo: data.logo }),
      clientId: data.clientId,
      role: requester.role,
      isTest: data.isTest,
      level: data.verificationLevel,
      labels: Object.freeze([...data.attributes]),
      optionalLabels: Object.freeze([...data.optionalAttributes]),
      channel: data.channel,
      requester: Object.freeze({ ...data.requester }),
      description: data.description,
      issuedAt: Math.floor(found.issuedAt * 1000),
      expiresAt: Math.floor(found.expiresAt * 1000),
    })
    this.#checked.set(request, { ...found, client })
    return request
  }

  /**
   * Approves a request. After a rejection with status 503, the same call sends the same response again.
   *
   * @param request what `read` returned
   * @param options.optional which of `optionalLabels` to share as well. Default: all that the wallet holds if a SIP
   *   passes on only values, none if the requester sees the attestations
   * @throws WalletError
   */
  async approve(request: WalletRequest, options: { optional?: readonly string[] } = {}): Promise<Approved> {
    const checked = this.#checkedOf(request)
    const json = await this.#send(checked, 'approve', () => this.#resolved(checked, options.optional))
    const { confirm, redirectUri } = json
    return {
      ...(typeof confirm === 'string' && /^\d{6}$/.test(confirm) && { confirm }),
      ...(isWayBack(redirectUri, checked) && { redirectUri }),
    }
  }

  /** Declines a request, without revealing the person. @throws WalletError */
  async decline(request: WalletRequest): Promise<void> {
    await this.#send(this.#checkedOf(request), 'decline', () => ({ status: 'denied' }))
  }

  /**
   * What an attester asks for before it attests a label: `code`, a code sent to the address; `review`, a
   * person who reviews a document; `none`. A label that is missing here is not attested. One response serves for five
   * minutes.
   *
   * @param attesterUrl the attester's base URL
   * @throws WalletError
   */
  async checks(attesterUrl: string): Promise<Readonly<Record<string, string>>> {
    return { ...(await this.#attestations.checks(attesterUrl)) }
  }

  /**
   * Has claims attested.
   *
   * @param attesterUrl the attester's base URL
   * @param claims label to value: whole sets
   * @param codes the attester's codes by label, or a single code
   * @param options.picture a JPEG or PNG as base64 that shows what is claimed, for labels that need a review: for an
   *   address, a letter or a bill
   * @returns `code-sent` if the attester has just sent codes that are needed now, otherwise its last state, with a
   *   reason if it refuses or waits. While `anchoring`, the wallet holds the attestations as soon as they have a
   *   transaction
   * @throws WalletError
   */
  attest(
    attesterUrl: string,
    claims: Readonly<Record<string, string>>,
    codes?: string | Readonly<Record<string, string>>,
    options: AttestOptions = {},
  ): Promise<AttestOutcome> {
    return this.#attestations.attest(attesterUrl, claims, codes, options)
  }

  /** The extended public key that a set's attestations are issued to. Anybody who sees it can recognize the wallet. */
  xpub(set: AttestationSet): string {
    return this.#keys.subject(set).xpub
  }

  /**
   * The person's userId at a client, 64 hex digits.
   *
   * @param client a site's origin; for an app of a SIP, `sip:`, its `sipId`, a space and the appId
   */
  userId(client: string): string {
    return this.#keys.site(client).userId
  }

  /** The wallet's attestations, the latest of each set. */
  attestations(): Attestation[] {
    return structuredClone(this.#attestations.all())
  }

  /**
   * Forgets the attestations of a set. Nothing is revoked: sites that have them keep them.
   *
   * @returns a function that restores them
   */
  remove(set: AttestationSet): () => void {
    return this.#attestations.remove(set)
  }

  /** The data for the next wallet with this seed, so that it holds the same. It contains people's data: seal it. */
  kept(): WalletKept {
    return structuredClone({ ...this.#attestations.kept(), sipIds: this.#sips.ids() })
  }

  /**
   * Whether the requester sees the attestations, with which sites can recognize a person, and not only values.
   *
   * @param request what `read` returned
   * @throws WalletError
   */
  showsAttestations(request: WalletRequest): boolean {
    return showsAttestations(this.#checkedOf(request))
  }

  #checkedOf(request: WalletRequest): Checked {
    const checked = this.#checked.get(request)
    if (!checked) throw new WalletError('REQUEST_REFUSED', 'The request is not one that this wallet has read')
    return checked
  }

  #resolved(checked: Checked, optional: readonly string[] | undefined): WalletAnswer {
    const { data, client } = checked
    const held = (label: string): boolean => this.#attestations.find(label) !== undefined
    const more = optional ?? (showsAttestations(checked) ? [] : data.optionalAttributes.filter(held))
    if (!more.every((label) => data.optionalAttributes.includes(label))) {
      throw new WalletError('REQUEST_REFUSED', 'optional must be labels of optionalLabels')
    }
    const labels = [...new Set([...data.attributes, ...more])]
    const missing = labels.filter((label) => !held(label))
    if (missing.length > 0) {
      throw new WalletError('NOT_ATTESTED', `The wallet holds no attestation of ${missing.join(', ')}`)
    }
    const shared = labels.flatMap((label) => this.#attestations.find(label) ?? [])
    return resolvedAnswer(checked, this.#keys.site(client), this.#keys, shared)
  }

  async #send(
    checked: Checked,
    decision: Sent['decision'],
    answer: () => WalletAnswer,
  ): Promise<Record<string, unknown>> {
    const { url, token, point, expiresAt } = checked
    const name = nameOf(checked)
    let sent = this.#sent.get(name)
    if (sent && sent.decision !== decision) throw alreadyAnswered()
    if (!sent) {
      const body = { answer: sealAnswer(JSON.stringify(answer()), point, token) }
      sent = { decision, body, expires: expiresAt * 1000 + TOLERANCE_MS }
      this.#sent.set(name, sent)
    }
    const response = await this.#http.send(url, { method: 'POST', body: sent.body, maxBytes: MAX_RESPONSE })
    if (response.status !== 200) throw answerRefused(response)
    const { status } = response.json
    if (status !== (decision === 'approve' ? 'resolved' : 'denied')) {
      throw new WalletError(
        'RESPONSE_REFUSED',
        'The requester does not confirm that it accepted the response',
      )
    }
    return response.json
  }

  #forgetExpired(): void {
    const now = this.#clock()
    for (const [name, { expires }] of this.#sent) if (expires <= now) this.#sent.delete(name)
  }
}

function nameOf({ origin, uuid }: { origin: string; uuid: string }): string {
  return `${origin} ${uuid}`
}

function alreadyAnswered(): WalletError {
  return new WalletError('ALREADY_ANSWERED', 'The request was answered before')
}

function answerRefused({ status, json, retryAfter }: JsonResponse): WalletError {
  const reason = typeof json['code'] === 'string' ? json['code'] : undefined
  return new WalletError('ANSWER_REFUSED', `The requester does not accept the response (status ${status})`, {
    status,
    reason,
    retryAfter,
  })
}
