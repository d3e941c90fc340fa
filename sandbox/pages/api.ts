import { ask } from 'civic-ui'
import type { AppSummary, FaultBody, Mail, NewUser, Revoked, Token, User, UserSummary } from '../lib/wire.ts'

export type * from '../lib/wire.ts'

/** The name that all screens share. */
export const OF = 'Civic sandbox'

export interface TokenWish {
  readonly appId: string
  readonly user: string
  readonly scopeRequest: string
}

const BASE = '/sandbox/api'

function user(id: string): string {
  return `${BASE}/people/${encodeURIComponent(id)}`
}

/** The calls of the sandbox's API. Each throws a Refusal with the server's message. */
export const api = {
  mail: () => ask<readonly Mail[]>(`GET ${BASE}/mail`),
  users: () => ask<readonly UserSummary[]>(`GET ${BASE}/people`),
  user: (id: string) => ask<User>(`GET ${user(id)}`),
  makeUser: (description: NewUser) => ask<User>(`POST ${BASE}/people`, description),
  editUser: (id: string, change: NewUser) => ask<User>(`PATCH ${user(id)}`, change),
  revoke: (id: string) => ask<Revoked>(`POST ${user(id)}/revoke`),
  fault: () => ask<FaultBody>(`GET ${BASE}/fault`),
  setFault: (fault: FaultBody) => ask<FaultBody>(`PUT ${BASE}/fault`, fault),
  apps: () => ask<readonly AppSummary[]>(`GET ${BASE}/apps`),
  token: (wish: TokenWish) => ask<Token>('POST /dev/authCode', wish),
}
