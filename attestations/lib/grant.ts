import { AttestationError } from './errors.ts'
import type { Grant } from './forms.ts'
import { publicPoint, signText, verifyText } from './keys.ts'
import { readGrant } from './read.ts'
import type { VerificationCache } from './verification-cache.ts'

/** One request of one app, and what of the user's it is granted. */
export interface GrantedRequest {
  /** The subject's label; where nothing is attested, the scope request's wire name. */
  label: string
  /** The Merkle root; where nothing is attested, 64 zeros. */
  data: string
  /** The app's id. */
  appId: string
  /** The scope request's id: of one length for all requests and used once, such as a UUID. */
  requestId: string
}

/** No separators, hence ids of one length (docs/protocol.md#grant). */
function grantText({ label, data, appId, requestId }: GrantedRequest): string {
  return label + data + appId + requestId
}

/**
 * Signs the response to one request.
 *
 * @param request the request and its app; `url`, the app's callback, is not signed
 * @param key the subject's extended private key, `xprv…`
 * @throws TypeError if `key` is no such key
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
 * Checks a grant, of an attestation or of a request that shares none.
 *
 * @param grant as received, from anybody
 * @param expected whose key must have signed it, and for what
 * @throws AttestationError `GRANT_MISMATCH` if it is absent, or for anything else or by anybody else; `MALFORMED` if
 *   it is no grant, or `expected.xpub` no extended public key
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
