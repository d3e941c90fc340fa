import { AttestationError } from './errors.ts'
import type { Grant } from './forms.ts'
import { publicPoint, signText, verifyText } from './keys.ts'
import { readGrant } from './read.ts'
import type { VerificationCache } from './verification-cache.ts'

/** One request of one app, and the subject that the user grants to it. */
export interface GrantedRequest {
  /** The subject's label; if nothing is attested, the scope request's wire name. */
  label: string
  /** The Merkle root; if nothing is attested, 64 zeros. */
  data: string
  /** The app's id. */
  appId: string
  /** The scope request's id, such as a UUID: used once, and as long for every request. */
  requestId: string
}

/** The text has no separators, so all ids must have one length (docs/protocol.md#grant). */
function grantText({ label, data, appId, requestId }: GrantedRequest): string {
  return label + data + appId + requestId
}

/**
 * Signs the response to one request.
 *
 * @param request the request and its app; `url`, the app's callback, is not signed
 * @param key the subject's extended private key, `xprv…`
 * @throws TypeError if `key` is not such a key
 */
export function signGrant(request: GrantedRequest & { url?: string | undefined }, key: string): Grant {
  return {
    clientId: request.appId,
    url: request.url ?? '',
    label: request.label,
    signature: signText(grantText(request), key),
  }
}

/**
 * Checks the grant of an attestation, or of a request that shares nothing.
 *
 * @param grant as received, not trusted
 * @param expected the key that must have signed it, and for what
 * @throws AttestationError `GRANT_MISMATCH` if it is absent, or for another request or by another key; `MALFORMED` if
 *   it is not a grant, or `expected.xpub` is not an extended public key
 */
export function verifyGrant(grant: unknown, expected: GrantedRequest & { xpub: string }): void {
  const given = readGrant(grant)
  const point = publicPoint(expected.xpub)
  if (point === undefined)
    throw new AttestationError('MALFORMED', 'xpub must be a BIP-32 extended public key')
  checkGrant(given, expected, point)
}

/** @throws AttestationError GRANT_MISMATCH */
export function checkGrant(
  given: Grant | undefined,
  expected: GrantedRequest,
  point: Uint8Array,
  cache?: VerificationCache,
): void {
  const mismatch = (message: string) => new AttestationError('GRANT_MISMATCH', message)
  if (given === undefined) throw mismatch('there is no grant for this request')
  if (given.clientId !== expected.appId) throw mismatch('the grant was made for another app')
  if (given.label !== expected.label) throw mismatch('the grant was made for another set of labels')
  if (!verifyText(grantText(expected), given.signature, point, cache)) {
    throw mismatch('the grant was signed by another key or for another request')
  }
}
