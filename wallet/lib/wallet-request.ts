import type { Channel, Requester } from 'passport-civic-sip/direct'

/** A request, for a person or a program to decide on. It holds no key. */
export interface WalletRequest {
  readonly uuid: string
  /** The requester's host, in punycode where it is not ASCII. */
  readonly host: string
  /** The name of the requester, or of the app that it asks for. */
  readonly name: string
  /** A PNG or JPEG as a `data:` URI. */
  readonly logo?: string
  /** The site's origin, or an app of a SIP. */
  readonly clientId: string
  /** For display: `sip` if it asks for an app. */
  readonly role: 'site' | 'sip'
  readonly isTest: boolean
  /** Wire value of the scope request. */
  readonly level: string
  readonly labels: readonly string[]
  readonly optionalLabels: readonly string[]
  readonly channel: Channel
  /** Where the request came from. */
  readonly requester: Requester
  readonly description: string
  /** Milliseconds since the epoch. */
  readonly issuedAt: number
  readonly expiresAt: number
}

/** The requester's response to an approval. */
export interface Approved {
  /** Six digits to type where the login began. */
  confirm?: string
  /** Where a browser on this device continues. */
  redirectUri?: string
}
