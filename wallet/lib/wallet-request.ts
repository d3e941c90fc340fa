import type { Channel, Requester } from 'passport-civic-sip/direct'

/** A request, for a person or a program to decide on. It holds no key. */
export interface WalletRequest {
  readonly uuid: string
  /** The requester's host, in punycode where it is not ASCII. */
  readonly host: string
  /** What the requester, or the app that it speaks for, calls itself. */
  readonly name: string
  /** A PNG or JPEG as a `data:` URI. */
  readonly logo?: string
  /** The site's origin, or an app of a SIP. */
  readonly clientId: string
  /** For display: a SIP speaks for others. */
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

/** What the requester says to an approval. */
export interface Approved {
  /** Six digits, to be typed where the login began. */
  confirm?: string
  /** Where a browser on this device continues. */
  redirectUri?: string
}
