import { ask } from 'civic-ui'
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

/** Keys with the private one, which only this page has, until it is left. */
export interface SecretKeys extends RevealedKeys {
  readonly prvKey: string
}

/** A transaction as far as it is shown (Esplora's `GET /tx/:txid`). */
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

/** What all screens are of. */
export const OF = 'Civic partners'

const BASE = '/dashboard/api'

function app(appId: string): string {
  return `${BASE}/apps/${encodeURIComponent(appId)}`
}

/** The calls of the dashboard's API. Each throws a Refusal in the server's words. */
export const api = {
  settings: () => ask<Settings>(`GET ${BASE}/settings`),
  apps: () => ask<readonly App[]>(`GET ${BASE}/apps`),
  createApp: (options: NewApp) => ask<MadeApp>(`POST ${BASE}/apps`, options),
  updateApp: (appId: string, change: AppChange) => ask<App>(`PATCH ${app(appId)}`, change),
  deleteApp: (appId: string) => ask(`DELETE ${app(appId)}`),
  rotate: (appId: string, pubKey: string) => ask<RevealedKeys>(`POST ${app(appId)}/keys`, { pubKey }),
  reveal: (appId: string, keyId: string) => ask<RevealedKeys>(`POST ${app(appId)}/keys/${keyId}/reveal`),
  revokeKeys: (appId: string, keyId: string) => ask(`DELETE ${app(appId)}/keys/${keyId}`),
  requests: () => ask<readonly Activity[]>(`GET ${BASE}/requests`),
  request: (id: string) => ask<Activity>(`GET ${BASE}/requests/${encodeURIComponent(id)}`),
  requestEvents: () => new EventSource(`${BASE}/requests/events`),
  attestations: () => ask<readonly Issued[]>(`GET ${BASE}/attestations`),
  revoke: ({ txid, vout }: Issued) => ask(`POST ${BASE}/attestations/revoke`, { txid, vout }),
  revokeMatching: (label: string, value: string) =>
    ask<Revoked>(`POST ${BASE}/attestations/revoke`, { label, value }),
  transaction: (txid: string) => ask<Transaction>(`GET /ledger/tx/${encodeURIComponent(txid)}`),
}

export function withoutSecrets({ keyId, pubKey, createdAt }: Keys): Keys {
  return { keyId, pubKey, createdAt }
}
