import { randomUUID } from 'node:crypto'
import { sealPayload } from 'passport-civic-sip/crypto'
import type { AnswerItem, ResolvedAnswer } from 'passport-civic-sip/direct'
import type { App } from '../apps/apps.ts'
import type { TokenSigner } from '../exchange/tokens.ts'
import type { Grant } from '../scope-requests/scope-request.ts'

/** Seals the shared data for the partner, so that nothing of it is kept in the clear. */
export function sealedGrant(
  tokens: TokenSigner,
  { appId, credentials }: App,
  { userId, items, secondForm }: { userId: string; items: readonly AnswerItem[]; secondForm?: object },
): Grant {
  const sealed = (payload: unknown): Record<string, string> => {
    const plain = JSON.stringify(payload)
    return Object.fromEntries(
      credentials.map(({ keyId, appSecret }) => [keyId, sealPayload(plain, appSecret)]),
    )
  }
  const code = randomUUID()
  return {
    userId,
    code,
    authToken: tokens.authCode(appId, code),
    sealed: sealed(items),
    ...(secondForm && { sealedW3C: sealed(secondForm) }),
  }
}

/**
 * The second form (docs/protocol.md#attestation-object-form), with everything that a site needs to verify it: the
 * request that the wallet approved, and the attestations in the signed order.
 */
export function secondFormOf(
  { userId, userKey, request, attestations }: ResolvedAnswer,
  token: string,
  items: readonly AnswerItem[],
): object {
  return {
    userId,
    identity: identityOf(items),
    credentials: attestations.map((attestation) => credentialOf(attestation as object, request.label)),
    request: { token, userKey, ...request },
  }
}

/**
 * The values, nested by the parts of their labels: `contact.personal.email` as `{ contact: { personal: { email } } }`.
 */
function identityOf(items: readonly AnswerItem[]): object {
  const identity = {}
  for (const { label, value } of items) {
    const [last = '', ...groups] = label.split('.').reverse()
    const holder = groups.reduceRight<Record<string, unknown>>(
      (group, name) => (group[name] ??= {}) as Record<string, unknown>,
      identity,
    )
    holder[last] = value
  }
  return identity
}

interface FirstForm {
  readonly label: string
  readonly data: { readonly label: string; readonly proof: unknown }
  readonly attnData: string
  readonly attnLabel: string
  readonly attn: { readonly attestation: unknown }
}

/** Converts a verified attestation of either form to the second form. */
function credentialOf(attestation: object, verificationLevel: string): object {
  if (!isFirstForm(attestation)) return attestation
  const { data, attnData, attnLabel, attn } = attestation
  const { label: identifier, proof, ...leaf } = data
  return {
    attestationName: attnLabel,
    grantedAttestation: attn.attestation,
    attestationData: attnData,
    verificationLevel,
    issuer: 'Civic',
    claims: [{ identifier, ...leaf, proof: { merkleTree: { nodes: proof } } }],
  }
}

function isFirstForm(attestation: object): attestation is FirstForm {
  return 'attn' in attestation
}
