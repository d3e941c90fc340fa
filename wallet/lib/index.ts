/** @module civic-wallet */

export type { AttestOptions, AttestOutcome, KeptAttestations, Pending } from './attester.ts'
export type { AttestState } from './attester-responses.ts'
export type { Fetch, Lookup } from './connect.ts'
export { WalletError } from './errors.ts'
export type { WalletErrorCode, WalletErrorOptions } from './errors.ts'
export type { WalletKept, WalletOptions } from './options.ts'
export type { TrustedSip } from './sips.ts'
export { Wallet } from './wallet.ts'
export type { Approved, WalletRequest } from './wallet-request.ts'
