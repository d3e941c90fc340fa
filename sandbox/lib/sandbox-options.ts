import type { Clock } from 'civic-sip-server'

export interface SandboxOptions {
  /** Address to listen on. Default: localhost, both addresses of it, so that only this machine reaches the sandbox. */
  readonly host?: string
  /**
   * Further host names by which the sandbox is reached, say from another container; a request with another `Host` is
   * refused. Default: none.
   */
  readonly allowHosts?: readonly string[]
  /**
   * An address of this machine in its local network, by which a phone and every page reach the sandbox; programs on
   * this machine call it at `localhost`. Test users alone: everybody in the network can log in as them. Default: none.
   */
  readonly phone?: string
  /** Default: 0, a free port. */
  readonly port?: number
  /** Of the wallet's page, which is an origin apart. Default: 0, a free port. */
  readonly walletPort?: number
  /** File in which apps, people, keys and the blockchain survive a restart. Default: none. */
  readonly state?: string
  /** Base of an Esplora server's API, whose blockchain is used in place of the sandbox's blockchain. */
  readonly esplora?: string
  /** Milliseconds until what is sent to the sandbox's own blockchain is in a block. Default: 0, at once. */
  readonly blockDelayMs?: number
  /**
   * Whether an approval counts only once the browser that asked brings the code that the wallet shows, as on a real
   * server. Default: false, for a login in three clicks.
   */
  readonly confirm?: boolean
  /** Whether the app that is there from the start may ask for the attestations themselves. Default: false. */
  readonly attestations?: boolean
  /** Gets a line for each request. Default: none. */
  readonly log?: (line: string) => void
  /** Milliseconds since the epoch, for tests that let time pass. Default: Date.now. */
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
