import type { Requester } from 'passport-civic-sip/direct'
import { HttpError } from '../http/http.ts'
import type { Scope } from '../apps/scopes.ts'

export type State = 'created' | 'read' | 'approved' | 'granted' | 'denied' | 'expired' | 'exchanged'
export type Call =
  | 'read'
  | 'approve'
  | 'grant'
  | 'deny'
  /** No wallet is to respond any more. */
  | 'end'
  | 'confirm'
  /** As many wrong codes came as are compared. */
  | 'end tries'
  | 'exchange'
  | 'expire'

/** What a wallet can do with a waiting request. */
const WAITING = {
  read: 'read',
  approve: 'approved',
  grant: 'granted',
  deny: 'denied',
  end: 'expired',
  expire: 'expired',
} as const

/**
 * The state machine of scope requests: each call leads to one state, from several. Every change of state goes through
 * `Requests`.
 */
export const TRANSITIONS: Readonly<Record<State, Readonly<Partial<Record<Call, State>>>>> = {
  created: WAITING,
  read: WAITING,
  // Until the browser proves that the person who approved is there
  approved: { confirm: 'granted', 'end tries': 'expired', expire: 'expired' },
  granted: { exchange: 'exchanged', expire: 'expired' },
  denied: {},
  expired: {},
  exchanged: {},
}

export const STATES = Object.keys(TRANSITIONS) as readonly State[]

const REFUSALS: Readonly<Record<State, string>> = {
  created: 'no wallet has read the scope request yet',
  read: 'the scope request waits for the response of a wallet',
  approved: 'the scope request was approved already',
  granted: 'the scope request was granted already',
  denied: 'the person declined the scope request',
  expired: 'the scope request is expired',
  exchanged: 'the code was used already',
}

/**
 * How the request reaches the wallet: as a QR code on another screen, by a link on the same device, or from a native
 * app on the same phone.
 */
export type Channel = 'scan' | 'link' | 'app'

export interface ScopeRequest {
  readonly uuid: string
  readonly appId: string
  readonly stage: string
  readonly scope: Scope
  /** The origin of the requesting page, or the id of the native app. */
  readonly requester: Requester & { readonly origin: string }
  readonly channel: Channel
  /** SHA-256 of the verifier, which only the requesting browser knows: 64 lower-case hex digits. */
  readonly challenge?: string
  readonly createdAt: number
  /** When it expires, in milliseconds since the epoch. */
  readonly deadline: number
  readonly state: State
  /** The URL where wallets fetch it and respond. */
  readonly callbackUrl: string
  /** The token that they fetch (docs/wallet-protocol.md#w1). */
  readonly token: string
  /** The one-time private key, as hex, until a response is stored. */
  readonly secret?: string
  /** SHA-256 of the stored response, as hex. The same bytes get the same reply again. */
  readonly answerHash?: string
  /** The code that the browser must send after the approval: the six digits, or the response code of a link. */
  readonly confirmCode?: string
  /** Why it was refused, or why it waits. */
  readonly reason?: string
  /** The page where the person continues after approval; absent if the page did not say. */
  readonly returnUrl?: string
  readonly grant?: Grant
  /** The grant's code. It outlives the grant until then, so that a used code is known as used. */
  readonly code?: string
  readonly codeUntil?: number
}

/** The data of a granted request, never in the clear. */
export interface Grant {
  readonly userId: string
  readonly code: string
  /** The authorization code token that the browser gets. */
  readonly authToken: string
  /** KeyId to the payload that is sealed with that secret of the app (docs/protocol.md#sealed-payload). */
  readonly sealed: Readonly<Record<string, string>>
  /** The same in the second form, for apps made with `attestations` (docs/protocol.md#attestation-object-form). */
  readonly sealedW3C?: Readonly<Record<string, string>>
}

/**
 * @returns the state that the call leads to
 * @throws HttpError 409 if the state does not allow the call, 410 if the request is expired
 */
export function checkMove({ state }: Pick<ScopeRequest, 'state'>, call: Call): State {
  const next = TRANSITIONS[state][call]
  if (!next) throw new HttpError(state === 'expired' ? 410 : 409, REFUSALS[state])
  return next
}

/** The state that a call leads to, from any state. */
export function stateAfter(call: Call): State {
  const [next = 'expired'] = STATES.flatMap((state) => TRANSITIONS[state][call] ?? [])
  return next
}

/** The states that allow a call. */
export function statesBefore(call: Call): readonly State[] {
  return STATES.filter((state) => TRANSITIONS[state][call])
}

/** Whether a wallet may still respond. */
export function isWaiting({ state }: ScopeRequest): boolean {
  return state === 'created' || state === 'read'
}

/** Whether the state is final. */
export function isOverIn(state: State): boolean {
  return Object.keys(TRANSITIONS[state]).length === 0
}
