import { randomUUID } from 'node:crypto'
import type { Request } from 'express'
import { requesterOf } from 'passport-civic-sip/direct'
import type { ActivityLog } from '../partners/activity.ts'
import { checkActive, checkApproved, checkStage, stageOf } from '../apps/apps.ts'
import type { App, Apps } from '../apps/apps.ts'
import { HttpError, InputError } from '../http/http.ts'
import { ANSWER_TIMEOUT_MS } from './requests.ts'
import type { Requests } from './requests.ts'
import { checkLimit } from '../http/limits.ts'
import type { Limits } from '../http/limits.ts'
import type { OriginOf } from '../http/safety.ts'
import { scopeOf, scopeOfAttributes } from '../apps/scopes.ts'
import type { Scope } from '../apps/scopes.ts'
import type { WalletRequests } from '../granting/wallet-requests.ts'
import type { Channel, ScopeRequest } from './scope-request.ts'
import { firstReturnUrl } from './way-back.ts'
import type { ReturnPaths } from './way-back.ts'
import type { Asking } from './wire.ts'

export interface AskingParts {
  readonly apps: Apps
  readonly requests: Requests
  readonly log: ActivityLog
  readonly walletRequests: WalletRequests
  readonly originOf: OriginOf
  /** The URL where people open a wallet. */
  readonly walletOf: OriginOf
  /** The paths to which wallets return, for apps without their own. */
  readonly returnPaths: ReturnPaths
  readonly limits: Limits
  /** What the caller is told of an error. */
  readonly forCaller: (error: unknown) => unknown
}

/** The request of a page or a native app, unchecked. */
export interface Asked {
  readonly req: Request
  readonly body: Asking
  /** The page's origin, or the id of the native app. */
  readonly origin: string
  readonly channel: Channel
  /** Throws an HttpError if the caller may not make requests for the app. */
  readonly admit: (app: App) => void
}

/** The common part of every response to a new scope request. */
export interface Created {
  readonly uuid: string
  readonly isTest: boolean
  /** Seconds. */
  readonly timeout: number
  /** The link to the wallet. */
  readonly scopeRequestString: string
}

/** The URL's `stage`; undefined if it has none, and then the app's counts. */
export function stageOfUrl(req: Request): string | undefined {
  return (req.params as { stage?: string }).stage
}

/**
 * Makes a scope request (docs/protocol.md#qr-request). Refusals are shown on the dashboard, for developers.
 * @throws HttpError, InputError that says what is wrong
 */
export async function createRequest(parts: AskingParts, asked: Asked): Promise<Created> {
  const { apps, requests, log, walletRequests, originOf, walletOf, returnPaths, limits, forCaller } = parts
  const { req, body, origin, channel, admit } = asked
  try {
    const app = await findApp(apps, body.appId)
    const named = stageOfUrl(req)
    const stage = named ?? stageOf(app)
    checkActive(app)
    checkStage(app, stage)
    admit(app)
    await checkLimit(limits, 'ask of app', app.appId)
    const scope = parseScope(app, body)
    const requester = { ...requesterOf(origin, req), origin }
    const challenge = parseChallenge(body.challenge, channel)
    const wanted = { uuid: randomUUID(), stage, scope, requester, channel }
    // The page polls here, too
    const base = `${originOf(req)}/sip/${named === undefined ? '' : `${named}/`}scopeRequest`
    const made = await walletRequests.make(app, wanted, base)
    const isLed = channel === 'link' && /^https?:/.test(origin)
    const request = await requests.create({
      ...{ app, ...wanted, ...made, ...challenge },
      ...(isLed && { returnUrl: firstReturnUrl(origin, app.returnPaths ?? returnPaths) }),
    })
    return created(app, request, walletOf(req))
  } catch (error) {
    // Not listed, so that too many requests do not push a developer's entries off the list
    const isFlood = error instanceof HttpError && error.status === 429
    if (!isFlood && (error instanceof HttpError || error instanceof InputError)) {
      const app = await apps.find(body.appId)
      const named = { appId: app?.appId ?? '', appName: app?.name ?? 'unknown app' }
      log.failed({ ...named, origin, problem: error.message })
    }
    throw forCaller(error)
  }
}

function created(app: App, { uuid, callbackUrl }: ScopeRequest, walletUrl: string): Created {
  return {
    uuid,
    isTest: app.environment === 'test',
    timeout: ANSWER_TIMEOUT_MS / 1000,
    scopeRequestString: `${walletUrl}#${callbackUrl}`,
  }
}

async function findApp(apps: Apps, appId: unknown): Promise<App> {
  const app = await apps.find(appId)
  if (!app) throw new HttpError(400, 'appId: there is no such app; copy it from the dashboard')
  return app
}

function parseScope(app: App, { verificationLevel, scopeRequest, attributes }: Asking): Scope {
  const name = verificationLevel ?? scopeRequest
  const isList = typeof attributes === 'object' && attributes !== null
  const scope = name === undefined && isList ? scopeOfAttributes(Object.values(attributes)) : scopeOf(name)
  checkApproved(app, scope)
  return scope
}

const CHALLENGE = /^[0-9a-f]{64}$/

/** Civic's native apps send none: then the uuid is the secret. */
function parseChallenge(challenge: unknown, channel: Channel): { challenge?: string } {
  if (challenge === undefined && channel === 'app') return {}
  if (typeof challenge === 'string' && CHALLENGE.test(challenge)) return { challenge }
  throw new HttpError(400, "challenge: the SHA-256 of the browser's verifier, 64 lower-case hex digits")
}
