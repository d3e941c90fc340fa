/** @module civic-sip-sandbox */

export { createSandbox } from './sandbox.ts'
export type { AuthCodeOptions } from './auth-code-options.ts'
export type { Sandbox } from './sandbox.ts'
export type { SandboxOptions } from './sandbox-options.ts'
export type { CreatedApp, SandboxDirectOptions, SandboxStrategyOptions } from './site-options.ts'
export type { AppOptions, Environment } from 'civic-sip-server'
export type { Fault } from './fault.ts'
export type { Address, IdentityDocument, PersonDescription } from './people.ts'
export type { HeadlessWallet, WalletOutcome } from './headless-wallet.ts'
export type { HeldAttestation } from './people-wallets.ts'
export type { WalletRequest } from 'civic-wallet'
