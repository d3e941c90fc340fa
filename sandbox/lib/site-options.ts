import type { Ledger } from 'civic-attestations'

/** What `CivicStrategy` needs to talk to the sandbox as one of its apps. */
export interface SandboxStrategyOptions {
  readonly appId: string
  readonly appSecret: string
  readonly prvKey: string
  /** `http://HOST:PORT/sip/` */
  readonly api: string
  /** The same at the address of the local network, for a sandbox with `phone`. */
  readonly audience?: string
  /** The stage: `prod` for a live app, `test` for a test app. */
  readonly env: string
  readonly sipPublicKey: string
}

/** What `DirectRequests` needs of the sandbox: its attester's ledger and keys, and its wallet. */
export interface SandboxDirectOptions {
  readonly walletUrl: string
  readonly ledger: Ledger
  readonly authorities: readonly string[]
  /** Where the sandbox is reached by an address of a private network. */
  readonly insecureLan?: true
}

/** An app as its partner gets it, secrets included. */
export interface CreatedApp {
  readonly appId: string
  readonly appSecret: string
  readonly prvKey: string
  readonly pubKey: string
}
