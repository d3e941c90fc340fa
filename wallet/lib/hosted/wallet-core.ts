import { grant, signGrant, signSubject, verifyTree } from 'civic-attestations'
import type { Attestation, Grant, Subject } from 'civic-attestations'
import { ScopeRequests } from 'passport-civic-sip/user-data'
import type { AttestationSet } from 'passport-civic-sip/user-data'
import { sealEnvelope } from './envelope.ts'
import type { Envelope } from './envelope.ts'
import type { WalletKey } from './wallet-key.ts'

export { ATTESTATION_SETS, attestationSet as setOf } from 'passport-civic-sip/user-data'
export type { AttestationSet }

/**
 * What a wallet does, wherever it runs: in the wallet page, or headless in a test. Nothing in here, nor in what
 * it imports, needs Node.js.
 */

/** What `POST /wallet/api/requests/{uuid}/read` tells the wallet: who asks, for what, from where, since when. */
export interface RequestView {
  readonly uuid: string
  readonly appId: string
  readonly appName: string
  /** Of the page that asks, or the id of the native app. To be compared with the browser's address bar. */
  readonly origin: string
  /** Wire value of the scope request. */
  readonly scope: string
  /** What is to be shared. */
  readonly labels: readonly string[]
  readonly isTest: boolean
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  readonly expiresAt: number
  /** Where the request came from, by the connection, and by what the browser says of itself. */
  readonly address?: string
  readonly userAgent?: string
  /** To encrypt the answer to: uncompressed P-256 point, 130 hex digits. */
  readonly serverKey: string
}

/** What the envelope holds. */
export type Answer =
  | { readonly decision: 'grant'; readonly attestations: readonly Attestation[]; readonly signed?: Grant }
  | { readonly decision: 'deny'; readonly signed: Grant }

/** The body of `POST /wallet/api/requests/{uuid}/answer`. */
export interface AnswerBody {
  readonly xpub: string
  readonly envelope: Envelope
}

/**
 * Wire value of the scope request that tells a site no more than that a verified person stands behind the login. Of a
 * person who is not verified it shares nothing, and the answer itself is signed.
 */
export const PRIVATE_LOGIN: string = ScopeRequests.ANONYMOUS_LOGIN

/** Stands in a signature where there is no Merkle root. */
export const NO_DATA = '0'.repeat(64)

/**
 * What is signed where nothing is shared. A denial has a name of its own, so that its signature can never be
 * taken for that of a private login.
 */
export function unshared(decision: Answer['decision'], scope: string): { label: string; data: string } {
  return { label: decision === 'grant' ? scope : `denied:${scope}`, data: NO_DATA }
}

/**
 * Grants a request.
 *
 * @param held the attestations of the wallet's key; those that the request asks for are shared, no others
 * @throws Error that names the labels that the wallet does not hold
 */
export function approval(request: RequestView, key: WalletKey, held: readonly Attestation[]): Answer {
  const { uuid, appId, origin: url, labels, scope } = request
  const found = labels.map((label) => held.findLast((attestation) => attestation.label === label))
  const missing = labels.filter((_, index) => !found[index])
  if (missing.length > 0 && scope !== PRIVATE_LOGIN)
    throw new Error(`this wallet holds no attestation of ${missing.join(', ')}`)
  const attestations = found
    .filter((attestation) => attestation !== undefined)
    .map((attestation) => grant({ attestation, appId, requestId: uuid, url, key: key.xprv }))
  const signed = attestations.length === 0 ? { signed: sign('grant', request, key) } : {}
  return { decision: 'grant', attestations, ...signed }
}

/** Refuses a request. */
export function denial(request: RequestView, key: WalletKey): Answer {
  return { decision: 'deny', signed: sign('deny', request, key) }
}

/** Makes an answer ready to send, readable for the server alone. */
export function sealAnswer(answer: Answer, request: RequestView, key: WalletKey): AnswerBody {
  return { xpub: key.xpub, envelope: sealEnvelope(JSON.stringify(answer), request.serverKey, request.uuid) }
}

/**
 * Signs a tree that an attester made of the wallet's claims. A signature is good for every leaf, so the root is
 * computed anew from all of them, and each must be a claim of the wallet's own.
 *
 * @param tree as the attester sent it
 * @param claims label to value: what the wallet wants attested
 * @throws Error if the tree is of anything else
 */
export function signTree(
  label: AttestationSet,
  tree: unknown,
  claims: Readonly<Record<string, string>>,
  key: WalletKey,
): Subject {
  const { root, leaves } = verifyTree(tree)
  const isOwn = leaves.every((leaf) => Object.hasOwn(claims, leaf.label) && claims[leaf.label] === leaf.value)
  if (!isOwn || leaves.length !== Object.keys(claims).length) {
    throw new Error('the attester made a tree of other details than those of this wallet')
  }
  return signSubject({ label, data: root }, key.xprv)
}

const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/

/**
 * @param qrOrUuid the text of a QR code (`http://…/wallet#{uuid}`), or the uuid
 * @throws Error if there is none in it
 */
export function uuidOf(qrOrUuid: string): string {
  const uuid = UUID.exec(qrOrUuid.toLowerCase())?.[0]
  if (uuid === undefined) throw new Error('this is not the QR code of a scope request')
  return uuid
}

function sign(decision: Answer['decision'], request: RequestView, key: WalletKey): Grant {
  const { appId, uuid: requestId, scope, origin: url } = request
  return signGrant({ ...unshared(decision, scope), appId, requestId, url }, key.xprv)
}
