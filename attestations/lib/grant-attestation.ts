import type { Attestation, Credential } from './forms.ts'
import { signGrant } from './grant.ts'
import { publicOf } from './keys.ts'
import { attestationOf, statementOf } from './verify.ts'
import type { Verified } from './verify.ts'

/**
 * Grants an attestation to one request.
 *
 * @param options.attestation of either form, or what `verifyOffline` returned
 * @param options.key the extended private key of the attestation's subject, `xprv…`
 * @param options.url the app's callback; not signed
 * @returns the attestation in the first form, with its `request` set
 * @throws AttestationError if the attestation does not verify
 * @throws TypeError if `key` is not the key that the attestation was issued to
 *
 * @example
 * ```ts
 * import { grant, verifyOffline } from 'civic-attestations'
 *
 * const request = { appId: 'my-app', requestId: crypto.randomUUID() }
 * const shown = grant({ attestation, ...request, key: user.privateExtendedKey })
 * console.log(verifyOffline(shown, request).isOwner) // true
 * ```
 */
export function grant(options: {
  attestation: Attestation | Credential | Verified
  appId: string
  requestId: string
  url?: string | undefined
  key: string
}): Attestation {
  const { attestation, key, ...request } = options
  const statement = statementOf(attestation)
  const { label, data, xpub } = statement.attested.subject
  if (publicOf(key) !== xpub) throw new TypeError('key is not the key that the attestation was issued to')
  return attestationOf({ ...statement, request: signGrant({ label, data, ...request }, key) })
}
