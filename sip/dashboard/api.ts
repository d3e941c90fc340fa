import { ask, Refusal } from 'civic-ui'
import type { Act, AuditEntry, MadeInvite, Me, Offer, Role, Team } from '../lib/partners/account-wire.ts'
import type {
  Domain,
  Found,
  OperatorChange,
  PartnerView,
  Review,
  Waiting,
  Wish,
} from '../lib/apps/app-wire.ts'
import type { Approval } from '../lib/documents/review-text.ts'
import type { DocumentView, ReviewerKeys, WholeDocument } from '../lib/documents/document-wire.ts'
import { approveByWallet } from './wallet-login.ts'
import type {
  Activity,
  App,
  AppChange,
  Issued,
  Keys,
  MadeApp,
  NewApp,
  RevealedKeys,
  Revoked,
  Settings,
} from '../lib/partners/wire.ts'

export type * from '../lib/partners/wire.ts'
export type { AuditEntry, Me, Offer, Role, Team } from '../lib/partners/account-wire.ts'
export type { DocumentView, ReviewerKeys, WholeDocument } from '../lib/documents/document-wire.ts'
export type { Domain, PartnerView, Review, Waiting } from '../lib/apps/app-wire.ts'

/** New keys with the private key, which only this page has. */
export interface SecretKeys extends RevealedKeys {
  readonly prvKey: string
}

/** The displayed part of a transaction (Esplora's `GET /tx/:txid`). */
export interface Transaction {
  readonly txid: string
  readonly size: number
  /** Satoshi. */
  readonly fee: number
  readonly vin: readonly { readonly txid: string; readonly vout: number; readonly is_coinbase: boolean }[]
  readonly vout: readonly { readonly scriptpubkey: string; readonly value: number }[]
  readonly status: {
    readonly confirmed: boolean
    readonly block_height?: number
    readonly block_time?: number
  }
}

/** The name that all screens share. */
export const OF = 'Civic partners'

const BASE = '/dashboard/api'

function app(appId: string): string {
  return `${BASE}/apps/${encodeURIComponent(appId)}`
}

function partner(partnerId: string): string {
  return `${BASE}/partners/${encodeURIComponent(partnerId)}`
}

/** The status for "approve this with your wallet first". */
const APPROVE_FIRST = 428

/** Calls something that the person's wallet may have to approve. */
async function approved<T>(act: Act, call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    if (!(error instanceof Refusal) || error.status !== APPROVE_FIRST) throw error
    await approveByWallet(act)
    return call()
  }
}

/** The calls of the dashboard's API. Each throws a Refusal with the server's message. */
export const api = {
  settings: () => ask<Settings>(`GET ${BASE}/settings`),
  apps: () => ask<readonly App[]>(`GET ${BASE}/apps`),
  createApp: (options: NewApp) => ask<MadeApp>(`POST ${BASE}/apps`, options),
  updateApp: (appId: string, change: AppChange) => ask<App>(`PATCH ${app(appId)}`, change),
  deleteApp: (appId: string) => approved({ act: 'delete', appId }, () => ask(`DELETE ${app(appId)}`)),
  rotate: (appId: string, pubKey: string) =>
    approved({ act: 'rotate', appId }, () => ask<RevealedKeys>(`POST ${app(appId)}/keys`, { pubKey })),
  reveal: (appId: string, keyId: string) =>
    approved({ act: 'reveal', appId, keyId }, () =>
      ask<RevealedKeys>(`POST ${app(appId)}/keys/${keyId}/reveal`),
    ),
  revokeKeys: (appId: string, keyId: string) =>
    approved({ act: 'revoke', appId, keyId }, () => ask(`DELETE ${app(appId)}/keys/${keyId}`)),
  /** @param validFor seconds */
  revokeLater: (appId: string, keyId: string, validFor: number) =>
    approved({ act: 'revoke', appId, keyId }, () =>
      ask<Keys>(`PATCH ${app(appId)}/keys/${keyId}`, { validFor }),
    ),
  requests: (appId?: string) =>
    ask<readonly Activity[]>(
      `GET ${BASE}/requests${appId === undefined ? '' : `?app=${encodeURIComponent(appId)}`}`,
    ),
  request: (id: string) => ask<Activity>(`GET ${BASE}/requests/${encodeURIComponent(id)}`),
  requestEvents: () => new EventSource(`${BASE}/requests/events`),
  attestations: () => ask<readonly Issued[]>(`GET ${BASE}/attestations`),
  revoke: ({ txid, vout }: Issued) => ask(`POST ${BASE}/attestations/revoke`, { txid, vout }),
  revokeMatching: (label: string, value: string) =>
    ask<Revoked>(`POST ${BASE}/attestations/revoke`, { label, value }),
  me: () => ask<Me>(`GET ${BASE}/me`),
  askEmail: (address: string) => ask(`POST ${BASE}/me/email`, { address }),
  confirmEmail: (address: string, code: string) => ask(`PUT ${BASE}/me/email`, { address, code }),
  removeEmail: () => ask(`DELETE ${BASE}/me/email`),
  logOut: () => ask(`POST ${BASE}/logout`),
  offer: (token: string) => ask<Offer>(`POST ${BASE}/join/offer`, { token }),
  team: (partnerId: string) => ask<Team>(`GET ${partner(partnerId)}/team`),
  invite: (partnerId: string, role: Role) => ask<MadeInvite>(`POST ${partner(partnerId)}/invites`, { role }),
  withdraw: (partnerId: string, id: string) => ask(`DELETE ${partner(partnerId)}/invites/${id}`),
  changeRole: (partnerId: string, userId: string, role: Role) =>
    ask(`PATCH ${partner(partnerId)}/team/${userId}`, { role }),
  removeMember: (partnerId: string, userId: string) => ask(`DELETE ${partner(partnerId)}/team/${userId}`),
  audit: (partnerId: string | undefined, before = '') =>
    ask<readonly AuditEntry[]>(
      `GET ${partnerId === undefined ? `${BASE}/operator` : partner(partnerId)}/audit?before=${before}`,
    ),
  domains: (appId: string) => ask<readonly Domain[]>(`GET ${app(appId)}/domains`),
  checkDomain: (appId: string, host: string) => ask<Found>(`POST ${app(appId)}/domains/check`, { host }),
  dropDomain: (appId: string, host: string) =>
    ask(`DELETE ${app(appId)}/domains/${encodeURIComponent(host)}`),
  review: (appId: string) => ask<Review | null>(`GET ${app(appId)}/review`),
  askReview: (appId: string, wish: Wish) => ask<Review>(`PUT ${app(appId)}/review`, wish),
  withdrawReview: (appId: string) => ask(`DELETE ${app(appId)}/review`),
  partners: () => ask<readonly PartnerView[]>(`GET ${BASE}/operator/partners`),
  invitePartner: () => ask<{ link: string }>(`POST ${BASE}/operator/invites`),
  reviews: () => ask<readonly Waiting[]>(`GET ${BASE}/operator/reviews`),
  decideReview: (appId: string, decision: object) =>
    ask(`POST ${BASE}/operator/reviews/${encodeURIComponent(appId)}`, decision),
  decideApp: (appId: string, change: OperatorChange) =>
    ask(`PATCH ${BASE}/operator/apps/${encodeURIComponent(appId)}`, change),
  documents: () => ask<readonly DocumentView[]>(`GET ${BASE}/documents`),
  document: (key: string) => ask<WholeDocument>(`GET ${BASE}/documents/${key}`),
  reviewerKeys: () => ask<ReviewerKeys>(`GET ${BASE}/documents/reviewer-keys`),
  approveDocument: (key: string, approval: Approval | undefined) =>
    ask(`POST ${BASE}/documents/${key}/approve`, approval ? { approval } : {}),
  refuseDocument: (key: string, reason: string) => ask(`POST ${BASE}/documents/${key}/refuse`, { reason }),
  transaction: (txid: string) => ask<Transaction>(`GET /ledger/tx/${encodeURIComponent(txid)}`),
}

export function withoutSecrets({ appSecret: _secret, ...keys }: RevealedKeys): Keys {
  return keys
}
