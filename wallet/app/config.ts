import type { TrustedSip } from '../lib/index.ts'

/** A test user of a sandbox. */
export interface TestUser {
  readonly id: string
  readonly name: string
  readonly email: string
  readonly phoneNumber: string
  /** Hex. The user is invented, so the sandbox may know it. */
  readonly seed: string
  /** Label to value: what the test user can have attested, except the document's picture, which the wallet makes. */
  readonly values: Readonly<Record<string, string>>
  /** Whether the email needs no code. */
  readonly isEmailVerified: boolean
}

/** The server's `config.json` for this wallet. */
export interface Config {
  /** The SIPs that may ask on behalf of others. */
  readonly trustedSips: readonly TrustedSip[]
  readonly attester: string
  /** The base URL of the ledger's Esplora API. */
  readonly ledger: string
  /** The xpubs of the attester. */
  readonly authorities: readonly string[]
  /** Absent if the wallet is only for real people. */
  readonly testUsers?: readonly TestUser[]
}

/** @throws Error in words for people */
export async function loadConfig(): Promise<Config> {
  const response = await fetch('config.json').catch(() => undefined)
  if (!response?.ok) throw new Error('The wallet cannot be loaded. Is its server running?')
  return (await response.json()) as Config
}
