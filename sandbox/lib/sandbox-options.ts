import type { Clock } from 'civic-sip-server'

export interface SandboxOptions {
  /** The address to listen on. Default: both addresses of localhost, so that only this machine reaches the sandbox. */
  readonly host?: string
  /**
   * Further host names of the sandbox, for example for another container. A request with any other `Host` is refused.
   * Default: none.
   */
  readonly allowHosts?: readonly string[]
  /**
   * This machine's address in the local network, which phones and all pages use; programs on this machine use
   * `localhost`. Only for test users: everybody in the network can log in as them. Default: none.
   */
  readonly phone?: string
  /** Default: 0, a free port. */
  readonly port?: number
  /** The port of the wallet's page, which has a separate origin. Default: 0, a free port. */
  readonly walletPort?: number
  /** A file that keeps apps, people, keys and the blockchain across restarts. Default: none. */
  readonly state?: string
  /** The base URL of an Esplora server's API, to use its blockchain instead of the sandbox's. */
  readonly esplora?: string
  /** Milliseconds until a transaction on the sandbox's blockchain is in a block. Default: 0, at once. */
  readonly blockDelayMs?: number
  /**
   * Whether an approval counts only after the browser sends the wallet's code, as on a real server. Default: false, for
   * a login in three clicks.
   */
  readonly confirm?: boolean
  /** Whether the first app may get the attestations themselves. Default: false. */
  readonly attestations?: boolean
  /** Called with a line for each request. Default: none. */
  readonly log?: (line: string) => void
  /** Returns milliseconds since the epoch, for tests that move the clock. Default: Date.now. */
  readonly clock?: Clock
}

export const SANDBOX_OPTIONS = {
  host: true,
  allowHosts: true,
  phone: true,
  port: true,
  walletPort: true,
  state: true,
  esplora: true,
  blockDelayMs: true,
  confirm: true,
  attestations: true,
  log: true,
  clock: true,
} satisfies Record<keyof SandboxOptions, true>
