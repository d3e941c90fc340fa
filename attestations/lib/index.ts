/** @module civic-attestations */

export { addressScript } from './address.ts'
export {
  anchor,
  balance,
  draftAnchor,
  draftRevocation,
  findFunds,
  fundingAddress,
  fundingScript,
  revoke,
  revokeAttested,
  withAnchor,
} from './anchor.ts'
export type { Draft, FundingOutput, InputSignature, Signed } from './build.ts'
export { anchorScript, finishDraft, inspectDraft, signDraft } from './draft.ts'
export type { DraftFacts } from './draft.ts'
export { EmbeddedLedger } from './embedded.ts'
export type { Block, LedgerSnapshot } from './embedded.ts'
export { AttestationError, LedgerUnavailable, TransactionRefused } from './errors.ts'
export type { AttestationErrorCode } from './errors.ts'
export { EsploraLedger } from './esplora.ts'
export type { EsploraOptions } from './esplora.ts'
export type * from './forms.ts'
export { signGrant, verifyGrant } from './grant.ts'
export type { GrantedRequest } from './grant.ts'
export { grant } from './grant-attestation.ts'
export { issue } from './issue.ts'
export type { IssueOptions } from './issue.ts'
export type * from './ledger.ts'
export { anchorOf } from './locate.ts'
export { verifyOnLedger } from './on-ledger.ts'
export type { LedgerState } from './on-ledger.ts'
export { handleEsplora } from './serve.ts'
export type { EsploraAnswer } from './serve.ts'
export { storedChain } from './stored-chain.ts'
export type { Outpoint, StoredOutput, StoredTransaction, StoredView } from './stored-chain.ts'
export { signSubject, verifySubject } from './subject.ts'
export { draftTransfer } from './transfer.ts'
export { merkleTree } from './tree.ts'
export type { Tree } from './tree.ts'
export { VerificationCache } from './verification-cache.ts'
export { verifyOffline } from './verify.ts'
export type { Verified } from './verify.ts'
export { verifyTree } from './whole-tree.ts'
