/** @module civic-wallet/hosted */

export { attest, attesterAt, lookAgain } from './attesting.ts'
export type { AttesterCalls, Attesting, AttestingStatus } from './attesting.ts'
export { newEnvelopeKeys, openEnvelope } from './envelope.ts'
export type { Envelope } from './envelope.ts'
export {
  ATTESTATION_SETS,
  PRIVATE_LOGIN,
  approval,
  denial,
  sealAnswer,
  setOf,
  unshared,
  uuidOf,
} from './wallet-core.ts'
export type { Answer, AttestationSet, RequestView } from './wallet-core.ts'
export { publicKeyOf, walletKey } from './wallet-key.ts'
export type { WalletKey } from './wallet-key.ts'
