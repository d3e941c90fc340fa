import { AttestationError } from './errors.ts'
import type { Attestation, Grant } from './forms.ts'
import { publicOf, publicPoint, signText, verifyText } from './keys.ts'
import { reading, text } from './read.ts'

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

/** Protocol section 7: no separators, hence ids of one length. */
const grantText = ({ label, data, appId, requestId }: GrantedRequest): string =>
  label + data + appId + requestId

/**
 * Signs the answer to one request.
 *
 * @param request what is granted to whom; `url`, the app's callback, is not signed
 * @param key the subject's extended private key, `xprv…`
 * @throws TypeError if `key` is no such key
 */
export const signGrant = (request: GrantedRequest & { url?: string | undefined }, key: string): Grant => ({
  clientId: request.appId,
  url: request.url ?? '',
  label: request.label,
  signature: signText(grantText(request), key),
})

/**
 * Grants an attestation to one request.
 *
 * @param options.attestation of the first form
 * @param options.key the extended private key of the attestation's subject, `xprv…`
 * @param options.url the app's callback; not signed
 * @returns a copy of the attestation with its `request` set
 * @throws TypeError if `key` is not the key that the attestation was issued to
 */
export const grant = (options: {
  attestation: Attestation
  appId: string
  requestId: string
  url?: string | undefined
  key: string
}): Attestation => {
  const { attestation, key, ...request } = options
  const attested = attestation.attn.attestation
  const { label, data, xpub } = attested.attestation.subject
  if (publicOf(key) !== xpub) throw new TypeError('key is not the key that the attestation was issued to')
  return {
    ...attestation,
    attn: { attestation: { ...attested, request: signGrant({ label, data, ...request }, key) } },
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
export const verifyGrant = (grant: unknown, expected: GrantedRequest & { xpub: string }): void => {
  const mismatch = (message: string) => new AttestationError('GRANT_MISMATCH', message)
  if (grant === undefined || grant === null) throw mismatch('there is no grant for this request')
  const { clientId, label, signature } = reading(() => ({
    clientId: text(grant, 'clientId', 1024),
    label: text(grant, 'label', 256),
    signature: text(grant, 'signature', 1024),
  }))
  if (clientId !== expected.appId) throw mismatch('the grant was made for another app')
  if (label !== expected.label) throw mismatch('the grant was made for another set of labels')
  const point = publicPoint(expected.xpub)
  if (point === undefined)
    throw new AttestationError('MALFORMED', 'xpub must be a BIP-32 extended public key')
  if (!verifyText(grantText(expected), signature, point)) {
    throw mismatch('the grant was signed by another key or for another request')
  }
}
