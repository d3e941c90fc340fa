import { verifyOffline } from 'civic-attestations'
import type { Attestation, Subject } from 'civic-attestations'
import { signTree } from './wallet-core.ts'
import type { AttestationSet } from './wallet-core.ts'
import type { WalletKey } from './wallet-key.ts'

/** The wallet's side of having labels attested, in the wallet page and headless. Nothing in here needs Node.js. */

/** Where a request for attestations stands, as an attester says it. */
export interface AttestingStatus {
  readonly state: 'review' | 'sign' | 'anchoring' | 'attested' | 'refused'
  /** To be signed. */
  readonly tree?: unknown
  readonly attestations?: readonly Attestation[]
  /** Why it is refused, or not anchored yet. */
  readonly reason?: string
}

/** The same, with the id by which it is asked for. */
export interface Attesting extends AttestingStatus {
  readonly id: string
}

/** The calls of an attester, over HTTP or within one process. */
export interface AttesterCalls {
  request(body: Record<string, unknown>): Promise<Attesting> | Attesting
  sign(id: string, subject: Subject): Promise<AttestingStatus> | AttestingStatus
  status(id: string): Promise<AttestingStatus>
}

/** Sends `body` to a path as JSON, and gives what it answers. @param call method and path */
export type Ask = <T>(call: string, body?: object) => Promise<T>

/** @param path of the attester, where `ask` finds it */
export function attesterAt(ask: Ask, path: string): AttesterCalls {
  return {
    request: (body) => ask(`POST ${path}/attestations`, body),
    sign: (id, subject) => ask(`PUT ${path}/attestations/${id}`, { subject }),
    status: (id) => ask(`GET ${path}/attestations/${id}`),
  }
}

/** What a wallet wants attested: all of its claims of one set. */
export interface Wish {
  readonly set: AttestationSet
  readonly claims: Readonly<Record<string, string>>
  /** Label to the code that proves its value. */
  readonly codes?: Readonly<Record<string, string>>
}

/**
 * Has claims attested. The attester makes the tree; the wallet signs it once it has seen that the tree holds its own
 * claims and nothing else.
 * @throws Error if the tree, or what comes back, is not what the wallet asked for; whatever the calls throw
 */
export async function attest(
  attester: AttesterCalls,
  { set, claims, codes }: Wish,
  key: WalletKey,
): Promise<Attesting> {
  const body = { label: set, xpub: key.xpub, claims, ...(codes && { codes }) }
  const requested = await attester.request(body)
  if (requested.state !== 'sign') return requested
  const { id } = requested
  const subject = signTree(set, requested.tree, claims, key)
  await attester.sign(id, subject)
  return lookAgain(attester, id, subject.data)
}

/**
 * Asks where a request stands.
 * @param root that the wallet signed
 * @throws Error if the attestations are of another tree
 */
export async function lookAgain(attester: AttesterCalls, id: string, root: string): Promise<Attesting> {
  const status = await attester.status(id)
  if (!(status.attestations ?? []).every((attestation) => verifyOffline(attestation).root === root)) {
    throw new Error('the attester gave attestations of another tree than the one that this wallet signed')
  }
  return { id, ...status }
}
