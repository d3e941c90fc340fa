import { Keep } from './keep.ts'
import { fieldsOf, textOf } from './messages.ts'
import { parse } from './request.ts'

/** A scope request that this browser started, kept for the return from the mobile app with `?uuid=`. */
export interface Started {
  appId: string
  scopeRequest: string
}

// an authorization code lives 30 minutes; after that there is nothing to come back for
const lifetimeMs = 30 * 60_000
const requests = new Keep('civic.sip.')

export function rememberStarted(uuid: string, { appId, scopeRequest }: Started): void {
  requests.set(uuid, JSON.stringify({ appId, scopeRequest }), lifetimeMs)
}

export function recallStarted(uuid: string): Started | undefined {
  const kept = requests.get(uuid)
  if (kept === undefined) return undefined
  const { appId, scopeRequest } = fieldsOf(parse(kept))
  return { appId: textOf(appId), scopeRequest: textOf(scopeRequest) }
}

export function forgetStarted(uuid: string): void {
  requests.remove(uuid)
}
