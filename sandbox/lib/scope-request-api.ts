import { createHash, timingSafeEqual } from 'node:crypto'
import express, { Router, type Request } from 'express'
import { toDataURL } from 'qrcode'
import { type ActivityLog } from './activity.ts'
import { checkApproved, checkStage, type App, type Apps } from './apps.ts'
import { HttpError, InputError, jsonBody, onlyMethod } from './http.ts'
import { ANSWER_TIMEOUT_MS, type RequestStore } from './request-store.ts'
import { ownOrigin } from './safety.ts'
import { scopeOf, scopeOfAttributes, type Scope } from './scopes.ts'
import { type Requester, type ScopeRequest } from './scope-request.ts'
import { allowsOrigin } from './whitelist.ts'

export interface ScopeRequestParts {
  readonly apps: Apps
  readonly requests: RequestStore
  readonly log: ActivityLog
}

const CHALLENGE = /^[0-9a-f]{64}$/

/** The part of the API that browsers and native apps call (protocol section 6). */
export function scopeRequestRoutes({ apps, requests, log }: ScopeRequestParts): Router {
  const router = Router()

  /** Refusals go to the dashboard, where a developer looks. */
  const noted = <T>(body: Record<string, unknown>, origin: string, act: () => T): T => {
    try {
      return act()
    } catch (error) {
      if (error instanceof HttpError || error instanceof InputError) {
        const app = apps.find(body['appId'])
        log.failed({
          appId: app?.appId ?? '',
          appName: app?.name ?? 'unknown app',
          origin,
          problem: error.message,
        })
      }
      throw error
    }
  }

  router
    .route('/sip/:stage/:version/scopeRequest/qrcode')
    .post(express.urlencoded({ extended: true, limit: '10kb' }), async (req, res) => {
      const body = (req.body ?? {}) as Record<string, unknown>
      const origin = req.get('origin') ?? ''
      res.vary('Origin')
      // Errors, too, are readable for pages of the app, or of any app where the appId is wrong.
      const candidates = [apps.find(body['appId'])].flatMap((app) => app ?? apps.list())
      if (candidates.some(({ whitelist }) => allowsOrigin(whitelist, origin))) {
        res.set('Access-Control-Allow-Origin', origin)
      }
      const request = noted(body, origin, () => {
        const app = findApp(apps, body, req.params.stage)
        checkOrigin(app, origin)
        const scope = parseScope(app, body)
        const challenge = parseChallenge(body['challenge'])
        return requests.create({
          app,
          stage: req.params.stage,
          scope,
          requester: requesterOf(req, origin),
          challenge,
        })
      })
      const link = `${ownOrigin(req)}/wallet#${request.uuid}`
      res.json({
        imageUri: await toDataURL(link, { margin: 2, scale: 6 }),
        ...created(apps, request),
        scopeRequestString: link,
      })
    })
    .all(onlyMethod('POST'))

  router
    .route('/sip/:stage/:version/scopeRequest/appToApp/verifyPartner')
    .post(jsonBody('10kb'), (req, res) => {
      const body = req.body as Record<string, unknown>
      const mobileId = typeof body['mobileId'] === 'string' ? body['mobileId'].slice(0, 200) : ''
      const request = noted(body, mobileId, () => {
        const app = findApp(apps, body, req.params.stage)
        if (req.get('origin') !== undefined)
          throw new HttpError(403, 'this call is for native apps: pages ask for a QR code')
        if (!app.whitelist.includes(mobileId.toLowerCase())) {
          throw new HttpError(
            403,
            'the mobileId is not on the white list of the app: put it there, like a host name',
          )
        }
        const scope = parseScope(app, body)
        const { challenge } = body
        const bound = challenge === undefined ? {} : { challenge: parseChallenge(challenge) }
        return requests.create({
          app,
          stage: req.params.stage,
          scope,
          requester: requesterOf(req, mobileId),
          ...bound,
        })
      })
      const link = `${ownOrigin(req)}/wallet#${request.uuid}`
      res.json({ scopeRequestString: link, ...created(apps, request), status: request.state })
    })
    .all(onlyMethod('POST'))

  router
    .route('/sip/:stage/scopeRequest/:uuid')
    .get((req, res) => {
      const request = requests.find(req.params.uuid)
      if (!request || request.stage !== req.params.stage || !isAsker(request, req.get('x-civic-verifier'))) {
        throw new HttpError(404, 'there is no such scope request of this browser: it is unknown or expired')
      }
      const answer = pollAnswer(request)
      res.status(answer.statusCode).json(answer)
    })
    .all(onlyMethod('GET'))
  return router
}

function findApp(apps: Apps, body: Record<string, unknown>, stage: string): App {
  const app = apps.find(body['appId'])
  if (!app) throw new HttpError(400, 'appId: there is no such app; copy it from the dashboard of the sandbox')
  checkStage(app, stage)
  return app
}

function checkOrigin(app: App, origin: string): void {
  if (allowsOrigin(app.whitelist, origin)) return
  const shown =
    origin === '' ? 'the request names no Origin, which' : `the page's origin, ${origin.slice(0, 100)},`
  throw new HttpError(403, `${shown} is not on the domain white list of app ${app.appId}`)
}

function parseScope(
  app: App,
  { verificationLevel, scopeRequest, attributes }: Record<string, unknown>,
): Scope {
  const name = verificationLevel ?? scopeRequest
  const isList = typeof attributes === 'object' && attributes !== null
  const scope = name === undefined && isList ? scopeOfAttributes(Object.values(attributes)) : scopeOf(name)
  checkApproved(app, scope)
  return scope
}

function parseChallenge(challenge: unknown): string {
  if (typeof challenge === 'string' && CHALLENGE.test(challenge)) return challenge
  throw new HttpError(400, "challenge: the SHA-256 of the browser's verifier, 64 lower-case hex digits")
}

function requesterOf(req: Request, origin: string): Requester {
  const address = req.socket.remoteAddress?.replace(/^::ffff:/, '')
  const userAgent = req.get('user-agent')?.slice(0, 200)
  return { origin, ...(address !== undefined && { address }), ...(userAgent !== undefined && { userAgent }) }
}

function created(
  apps: Apps,
  { uuid, appId }: ScopeRequest,
): { uuid: string; isTest: boolean; timeout: number } {
  return { uuid, isTest: apps.get(appId).environment === 'test', timeout: ANSWER_TIMEOUT_MS / 1000 }
}

/** Who only saw the QR code, or a link with its uuid, does not know the verifier. */
function isAsker({ challenge }: ScopeRequest, verifier = ''): boolean {
  if (challenge === undefined) return true
  const digest = createHash('sha256').update(verifier).digest()
  return timingSafeEqual(digest, Buffer.from(challenge, 'hex'))
}

interface PollAnswer {
  readonly statusCode: number
  readonly [field: string]: unknown
}

function pollAnswer({ state, grant, reason, verifyError }: ScopeRequest): PollAnswer {
  const message = reason === undefined ? {} : { message: reason }
  switch (state) {
    case 'created':
    case 'read':
      return { statusCode: 202, status: state, ...message }
    case 'granted':
      return { statusCode: 200, action: 'data-received', type: 'code', authResponse: grant?.authToken }
    case 'denied':
      return {
        statusCode: 200,
        action: verifyError ? 'verify-error' : 'user-cancelled',
        type: 'code',
        ...message,
      }
    case 'expired':
      return { statusCode: 410, message: 'the scope request is expired' }
    case 'exchanged':
      return { statusCode: 410, message: 'the code was used already' }
  }
}
