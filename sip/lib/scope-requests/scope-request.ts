import { HttpError } from '../http/http.ts'
import type { Scope } from '../apps/scopes.ts'

export type State = 'created' | 'read' | 'granted' | 'denied' | 'expired' | 'exchanged'
export type Call = 'read' | 'grant' | 'deny' | 'exchange' | 'expire'

/** Which call may move a scope request where. Every change of state goes through `Requests`; there is no other. */
export const TRANSITIONS: Readonly<Record<State, Readonly<Partial<Record<Call, State>>>>> = {
  created: { read: 'read', expire: 'expired' },
  // The wallet that read it may read it again, say after a reload.
  read: { read: 'read', grant: 'granted', deny: 'denied', expire: 'expired' },
  granted: { exchange: 'exchanged', expire: 'expired' },
  denied: {},
  expired: {},
  exchanged: {},
}

export const STATES = Object.keys(TRANSITIONS) as readonly State[]

const REFUSALS: Readonly<Record<State, string>> = {
  created: 'no wallet has read the scope request yet',
  read: 'the scope request waits for the response of a wallet',
  granted: 'the scope request was granted already',
  denied: 'the person declined the scope request',
  expired: 'the scope request is expired',
  exchanged: 'the code was used already',
}

/** The page, or the native app, that asks. */
export interface Requester {
  /** The page's origin, or the id of a native app. */
  readonly origin: string
  /** Where the request came from: the address, and the browser by its own account. Absent if no browser asked. */
  readonly address?: string
  readonly userAgent?: string
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
  readonly requester: Requester
  readonly channel: Channel
  /** SHA-256 of the verifier that only the browser that asked knows, 64 lower-case hex digits. */
  readonly challenge?: string
  readonly createdAt: number
  /** When it expires, in milliseconds since the epoch. */
  readonly deadline: number
  readonly state: State
  /** Why it was refused, or what it waits for. */
  readonly reason?: string
  /** Set where the wallet granted, and the server refused what it handed over. */
  readonly verifyError?: true
  /** The public key of the one wallet that read it. */
  readonly walletKey?: string
  /** What that wallet answered, as it came, while the ledger cannot be reached to verify it. */
  readonly answered?: { readonly xpub: string; readonly envelope: unknown }
  /** Where the person goes on after approval, with the uuid; absent where the page did not say. */
  readonly returnUrl?: string
  readonly grant?: Grant
  /** Of the grant: stays when that is gone, so that a used code is known as used, until then. */
  readonly code?: string
  readonly codeUntil?: number
}

/** What is left of a granted request: never the plain data. */
export interface Grant {
  readonly userId: string
  readonly code: string
  /** The authorization code token that the browser gets. */
  readonly authToken: string
  /** By keyId: the payload sealed with each of the app's valid secrets (docs/protocol.md#sealed-payload). */
  readonly sealed: Readonly<Record<string, string>>
}

/**
 * @returns the state that the call would lead to
 * @throws HttpError 409 if the state does not allow the call, 410 if the request is expired
 */
export function checkMove({ state }: Pick<ScopeRequest, 'state'>, call: Call): State {
  const next = TRANSITIONS[state][call]
  if (!next) throw new HttpError(state === 'expired' ? 410 : 409, REFUSALS[state])
  return next
}

/** Whether a wallet may still answer it. */
export function isWaiting({ state }: ScopeRequest): boolean {
  return state === 'created' || state === 'read'
}

/** Whether no call can move it out of that state. */
export function isOverIn(state: State): boolean {
  return Object.keys(TRANSITIONS[state]).length === 0
}
