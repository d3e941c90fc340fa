import { HDKey } from '@scure/bip32'
import { signSubject, verifyOffline, verifyTree } from 'civic-attestations'
import type { Attestation, Subject } from 'civic-attestations'
import type { AttestationSet } from 'passport-civic-sip/user-data'

/** The attester's protocol from a wallet's side, call by call, so that a test can leave one out or change one. */

/** A key that attestations are issued to. */
export interface WalletKey {
  readonly xprv: string
  readonly xpub: string
}

export function walletKey(seed: Uint8Array): WalletKey {
  const { privateExtendedKey: xprv, publicExtendedKey: xpub } = HDKey.fromMasterSeed(seed)
  return { xprv, xpub }
}

/** The attester's response to a request. */
export interface AttestingStatus {
  readonly state: string
  readonly tree?: unknown
  readonly attestations?: readonly Attestation[]
  readonly reason?: string
}

export interface Attesting extends AttestingStatus {
  readonly id: string
}

export interface AttesterCalls {
  request(body: Record<string, unknown>): Promise<Attesting>
  sign(id: string, subject: Subject): Promise<AttestingStatus>
  status(id: string): Promise<AttestingStatus>
}

/** Sends `body` to a path as JSON, and returns the response. @param call method and path */
export type Ask = <T>(call: string, body?: object) => Promise<T>

export function attesterAt(ask: Ask, path: string): AttesterCalls {
  return {
    request: (body) => ask(`POST ${path}/attestations`, body),
    sign: (id, subject) => ask(`PUT ${path}/attestations/${id}`, { subject }),
    status: (id) => ask(`GET ${path}/attestations/${id}`),
  }
}

export interface Wish {
  readonly set: AttestationSet
  readonly claims: Readonly<Record<string, string>>
  readonly codes?: Readonly<Record<string, string>>
}

/** Has claims attested: sends them, signs the tree, and polls the state. */
export async function attest(
  attester: AttesterCalls,
  { set, claims, codes }: Wish,
  key: WalletKey,
): Promise<Attesting> {
  const body = { label: set, xpub: key.xpub, claims, ...(codes && { codes }) }
  const requested = await attester.request(body)
  if (requested.state !== 'sign') return requested
  const { root } = verifyTree(requested.tree)
  await attester.sign(requested.id, signSubject({ label: set, data: root }, key.xprv))
  const status = await attester.status(requested.id)
  for (const attestation of status.attestations ?? []) verifyOffline(attestation)
  return { id: requested.id, ...status }
}
