/**
 * The messages between a wallet and a requester: W0, W1 and W2 of the wallet protocol (docs/wallet-protocol.md). Types
 * and constants only.
 */

/** A public P-256 key in W0. */
export interface WellKnownKey {
  kty: 'EC'
  crv: 'P-256'
  x: string
  y: string
  use: 'sig'
  alg: 'ES256'
  /** RFC 7638 thumbprint. */
  kid: string
}

/** W0: a requester's name and the keys that sign its requests. */
export interface WellKnown {
  version: 1
  /** Only for display. */
  role: 'site' | 'sip'
  /** The requester's origin. */
  clientId: string
  name: string
  primaryColor?: string
  secondaryColor?: string
  sipId?: string
  /** Base URL of the requester's attester. */
  attester?: string
  /** The origin and a path that ends in `/`. Every callback URL is below it. */
  callback: string
  keys: WellKnownKey[]
}

/** How a request reaches the wallet: scanned from another screen, opened on the same device, or from a native app. */
export type Channel = 'scan' | 'link' | 'app'

/** Where a request came from, shortened so that a photographed code reveals little. */
export interface Requester {
  origin?: string
  /** A /24 or /48. */
  address?: string
  /** Browser and system. */
  userAgent?: string
}

/** The claim `data` of W1. */
export interface RequestData {
  clientId: string
  name: string
  primaryColor?: string
  secondaryColor?: string
  /** Wire value of the scope request. */
  verificationLevel: string
  description: string
  /** A PNG or JPEG as a `data:` URI. */
  logo?: string
  callbackUrl: string
  /** The requested labels. */
  attributes: readonly string[]
  /** Labels that the person may share as well. */
  optionalAttributes: readonly string[]
  /** A one-time P-256 point, uncompressed, 130 hex digits: the response is encrypted to it. */
  encPubKey: string
  channel: Channel
  isTest: boolean
  sipId?: string
  /** The requester will pass the attestations on with their proofs. */
  attestations?: true
  requester: Requester
}

/** W1's claims; times in epoch seconds. */
export interface RequestClaims {
  iss: string
  sub: string
  aud: string
  jti: string
  iat: number
  exp: number
  data: RequestData
}

/** What `userKey` signed. */
export interface SignedRequest {
  clientId: string
  url: string
  /** The request's verificationLevel. */
  label: string
  /** DER ECDSA as hex. */
  signature: string
}

/** W2's plaintext where the person approves. */
export interface ResolvedAnswer {
  status: 'resolved'
  userId: string
  userKey: string
  request: SignedRequest
  attestations: unknown[]
}

/** W2's plaintext. A denial is unsigned and does not reveal who declined. */
export type WalletAnswer = ResolvedAnswer | { status: 'denied' }

/** The requester's response to a W2 that it accepts. */
export type AnswerResponse =
  { status: 'resolved'; confirm?: string; redirectUri?: string } | { status: 'denied' }

export const REQUEST_TOKEN_TYPE = 'civic-scope-request+jwt'
export const ANSWER_TYPE = 'civic-answer+jwe'
export const WALLET_AUDIENCE = 'civic-wallet'
export const WELL_KNOWN_PATH = '/.well-known/civic-sip'
/** The hash to sign if nothing is shared. */
export const NO_DATA = '0'.repeat(64)
