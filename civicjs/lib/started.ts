import { Keep } from './keep.ts'
import { fieldsOf, textOf } from './messages.ts'
import { parse } from './request.ts'
import { scopeOf } from './scope.ts'
import type { Scope } from './scope.ts'

/** A scope request that this browser started, kept for the return from the mobile app with `?uuid=`. */
export interface Started {
  appId: string
  scope: Scope
  /**
   * The secret without which the server reveals nothing about the request. The iframe made it, but cannot store it in
   * browsers that block third-party storage.
   */
  verifier: string
}

// As long as an authorization code lives; after that, there is nothing to return for
const lifetimeMs = 30 * 60_000
const requests = new Keep('civic.sip.')

export function rememberStarted(uuid: string, { appId, scope, verifier }: Started): void {
  requests.set(uuid, JSON.stringify({ appId, scope, verifier }), lifetimeMs)
}

export function recallStarted(uuid: string): Started | undefined {
  const kept = requests.get(uuid)
  if (kept === undefined) return undefined
  const { appId, scope, verifier } = fieldsOf(parse(kept))
  const { verificationLevel, attributes } = fieldsOf(scope)
  return {
    appId: textOf(appId),
    scope: scopeOf({ scopeRequest: verificationLevel, scopeRequests: attributes }),
    verifier: textOf(verifier),
  }
}

export function forgetStarted(uuid: string): void {
  requests.remove(uuid)
}
