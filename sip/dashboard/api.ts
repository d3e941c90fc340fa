import { ask } from 'civic-ui'

export type Environment = 'live' | 'test'

/** Keys of an app as the server lists them: without the secrets. */
export interface Keys {
  readonly keyId: string
  readonly pubKey: string
  /** Milliseconds since the epoch. */
  readonly createdAt: number
}

/** With the secret that the server knows as well. */
export interface RevealedKeys extends Keys {
  readonly appSecret: string
}

/** With the private key, which only this page has, until it is left. */
export interface SecretKeys extends RevealedKeys {
  readonly prvKey: string
}

export interface App {
  readonly appId: string
  readonly name: string
  readonly environment: Environment
  /** What stands in the URLs of this environment. */
  readonly stage: string
  readonly whitelist: readonly string[]
  /** Wire values. */
  readonly scopes: readonly string[]
  /** Newest first. */
  readonly keys: readonly Keys[]
}

export interface NewApp {
  readonly name: string
  readonly environment: string
  readonly whitelist: readonly string[]
  readonly pubKey: string
}

export interface Settings {
  readonly url: string
  readonly api: string
  readonly sipPublicKey: string
  readonly ledger: { readonly url: string; readonly network: string; readonly isEmbedded: boolean }
  readonly scopeRequests: readonly {
    readonly name: string
    readonly wire: string
    readonly labels: readonly string[]
  }[]
}

/** A scope request or a failed call, as the live list has it. */
export interface Activity {
  readonly id: string
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly appId: string
  readonly appName: string
  readonly scope?: string
  readonly origin?: string
  readonly state: 'created' | 'read' | 'approved' | 'granted' | 'denied' | 'expired' | 'exchanged' | 'failed'
  readonly problem?: string
}

export interface Mail {
  readonly id: string
  readonly at: number
  readonly to: string
  readonly subject: string
  readonly text: string
}

export interface Issued {
  readonly txid: string
  readonly vout: number
  readonly set: string
  readonly labels: readonly string[]
  readonly xpub: string
  readonly issuedAt: number
  readonly revoked: boolean
}

const BASE = '/dashboard/api'

function app(appId: string): string {
  return `${BASE}/apps/${encodeURIComponent(appId)}`
}

/** The calls of the dashboard's API. Each throws a Refusal in the server's words. */
export const api = {
  settings: () => ask<Settings>(`GET ${BASE}/settings`),
  apps: () => ask<readonly App[]>(`GET ${BASE}/apps`),
  createApp: (options: NewApp) => ask<App & { keys: readonly RevealedKeys[] }>(`POST ${BASE}/apps`, options),
  updateApp: (appId: string, change: Partial<Pick<App, 'name' | 'whitelist' | 'scopes'>>) =>
    ask<App>(`PATCH ${app(appId)}`, change),
  deleteApp: (appId: string) => ask(`DELETE ${app(appId)}`),
  rotate: (appId: string, pubKey: string) => ask<RevealedKeys>(`POST ${app(appId)}/keys`, { pubKey }),
  reveal: (appId: string, keyId: string) => ask<RevealedKeys>(`POST ${app(appId)}/keys/${keyId}/reveal`),
  revokeKeys: (appId: string, keyId: string) => ask(`DELETE ${app(appId)}/keys/${keyId}`),
  requests: () => ask<readonly Activity[]>(`GET ${BASE}/requests`),
  requestEvents: () => new EventSource(`${BASE}/requests/events`),
  mail: () => ask<readonly Mail[]>(`GET ${BASE}/mail`),
  attestations: () => ask<readonly Issued[]>(`GET ${BASE}/attestations`),
  revoke: ({ txid, vout }: Issued) => ask(`POST ${BASE}/attestations/revoke`, { txid, vout }),
  revokeMatching: (label: string, value: string) =>
    ask<{ count: number }>(`POST ${BASE}/attestations/revoke`, { label, value }),
}

export function withoutSecrets({ keyId, pubKey, createdAt }: Keys): Keys {
  return { keyId, pubKey, createdAt }
}
