import { randomUUID } from 'node:crypto'
import type { ScopeRequest } from '../../../sip/lib/scope-requests/scope-request.ts'

/** A scope request as a store has it, which ends in a second. */
export function scopeRequest(fields: Partial<ScopeRequest> = {}, now = Date.now()): ScopeRequest {
  return {
    uuid: randomUUID(),
    appId: 'app',
    stage: 'prod',
    scope: { name: 'Login', labels: [] },
    requester: { origin: 'https://shop.example.org' },
    channel: 'scan',
    callbackUrl: 'https://sip.example.org/sip/prod/scopeRequest/x/callback',
    token: 'token',
    secret: 'secret',
    createdAt: now,
    deadline: now + 1000,
    state: 'created',
    ...fields,
  }
}
