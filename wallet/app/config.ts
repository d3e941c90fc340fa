import type { TrustedSip } from '../lib/index.ts'

/** A test user of a sandbox. */
export interface TestUser {
  readonly id: string
  readonly name: string
  readonly email: string
  readonly phoneNumber: string
  /** Hex. Of nobody real, so that the sandbox may know it. */
  readonly seed: string
  /** Label to value: what the test user can have attested, but for the document's picture, which the wallet takes. */
  readonly values: Readonly<Record<string, string>>
  /** Whether the email needs no code. */
  readonly isEmailVerified: boolean
}

/** What the server of this wallet has set up, at `config.json`. */
export interface Config {
  /** The SIPs that may ask on behalf of others. */
  readonly trustedSips: readonly TrustedSip[]
  readonly attester: string
  /** Base of Esplora's HTTP API. */
  readonly ledger: string
  /** The xpubs of the attester. */
  readonly authorities: readonly string[]
  /** Absent where the wallet is for people alone. */
  readonly testUsers?: readonly TestUser[]
}

/** @throws Error in words for people */
export async function loadConfig(): Promise<Config> {
  const response = await fetch('config.json').catch(() => undefined)
  if (!response?.ok) throw new Error('The wallet cannot be loaded. Is its server running?')
  return (await response.json()) as Config
}
