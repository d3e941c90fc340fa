import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import { grant, signGrant } from 'civic-attestations'
import type { Attestation } from 'civic-attestations'
import type { ResolvedAnswer } from 'passport-civic-sip/direct'
import type { SiteKey, WalletKeys } from './keys.ts'
import type { CheckedRequest } from './request.ts'
import { attestationSet } from './sets.ts'

const NO_DATA = '0'.repeat(64)

/** The request that a grant signs: it covers this token and the wallet's key. */
export function requestIdOf(token: string, userKey: string): string {
  return bytesToHex(sha256(utf8ToBytes(`${token}.${userKey}`)))
}

/**
 * Approves a request (docs/wallet-protocol.md#w2).
 *
 * @param shared the attestations to share, in this order
 */
export function resolvedAnswer(
  { url, token, data }: CheckedRequest,
  site: SiteKey,
  keys: WalletKeys,
  shared: readonly Attestation[],
): ResolvedAnswer {
  const { clientId: appId, verificationLevel } = data
  const requestId = requestIdOf(token, site.userKey)
  const attestations = shared.map((attestation) => {
    const set = attestationSet(attestation.label)
    if (!set) throw new TypeError('an attestation of a label that belongs to no set')
    return grant({ attestation, appId, requestId, url, key: keys.subject(set).xprv })
  })
  const leaves = concatBytes(...shared.map((attestation) => hexToBytes(attestation.data.hash)))
  const signed = shared.length === 0 ? NO_DATA : bytesToHex(sha256(leaves))
  return {
    status: 'resolved',
    userId: site.userId,
    userKey: site.userKey,
    request: signGrant({ label: verificationLevel, data: signed, appId, requestId, url }, site.xprv),
    attestations,
  }
}
