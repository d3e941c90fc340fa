/** @module civic-sip-server */

export { createSip } from './sip.ts'
export type { Sip, SipOptions } from './sip-options.ts'
export type { AttesterOptions } from './attester/attester-side.ts'
export { currentApp, MAX_APPS, newApp, tooManyApps } from './apps/apps.ts'
export type { App, AppOptions, Credentials, Environment, NewAppOptions } from './apps/apps.ts'
export { newKeyPair } from './apps/new-keys.ts'
export type { KeyPair } from './apps/new-keys.ts'
export type { KeyRing } from './secrets/key-ring.ts'
export type { Claims } from './attester/claims.ts'
export type { EarlierIssued, Issued } from './attester/issued.ts'
export type { Check, Checks } from './attester/checks.ts'
export { signReview } from './attester/review.ts'
export type { Mail, Mailer, Texter, TextMessage } from './attester/mailer.ts'
export type { ReviewerKeys, WholeDocument } from './documents/document-wire.ts'
export type { Decision, IdentityProvider } from './documents/documents.ts'
export { reviewedOf } from './documents/review-text.ts'
export type { Approval, Reviewed } from './documents/review-text.ts'
export type { Network } from './apps/domain-proof.ts'
export type { Transact, TransactionStores } from './partners/changes.ts'
export type { InviteOptions, PartnersOptions } from './partners/partners-side.ts'
export type { Middleware, TrustProxy } from './http/handler.ts'
export type { Limited, Limits } from './http/limits.ts'
export type { ObservedRequest, Observer } from './http/observer.ts'
export type { Link, OwnerOf } from './partners/routes.ts'
export { MemoryPartnerStores } from './store/memory-partners.ts'
export type { PartnerStores } from './store/partner-stores.ts'
export type { Clock } from './store/expiring-map.ts'
export { MemoryStores } from './store/memory.ts'
export type { MemoryAnchors, MemoryApps, MemorySettings, MemoryStoresOptions } from './store/memory.ts'
export type { Activity, ActivityEvent } from './partners/activity.ts'
export type { Issuance } from './attester/issuance.ts'
export type { Unsigned } from './attester/attester.ts'
export type {
  ActivityStore,
  AnchorStore,
  AppStore,
  CodeStore,
  Counter,
  ExpiringStore,
  IssuanceStore,
  Patch,
  ScopeRequestStore,
  SettingStore,
  Stores,
  Turns,
} from './store/stores.ts'
