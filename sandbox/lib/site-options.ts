import type { Ledger } from 'civic-attestations'

/** The options of `CivicStrategy` for one of the sandbox's apps. */
export interface SandboxStrategyOptions {
  readonly appId: string
  readonly appSecret: string
  readonly prvKey: string
  /** `http://HOST:PORT/sip/` */
  readonly api: string
  /** The same with the local network's address, for a sandbox with `phone`. */
  readonly audience?: string
  /** The stage: `prod` for a live app, `test` for a test app. */
  readonly env: string
  readonly sipPublicKey: string
}

/** The options of `DirectRequests` from the sandbox: its attester's ledger and keys, and its wallet. */
export interface SandboxDirectOptions {
  readonly walletUrl: string
  readonly ledger: Ledger
  readonly authorities: readonly string[]
  /** Set if the sandbox's address is in a private network. */
  readonly insecureLan?: true
}

/** An app as its partner sees it, including its secrets. */
export interface CreatedApp {
  readonly appId: string
  readonly appSecret: string
  readonly prvKey: string
  readonly pubKey: string
}
