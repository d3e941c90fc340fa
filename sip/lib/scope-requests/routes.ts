import { createHash } from 'node:crypto'
import express, { Router } from 'express'
import type { Request, RequestHandler } from 'express'
import type { App, Apps } from '../apps/apps.ts'
import { createRequest, stageOfUrl } from './asking.ts'
import type { AskingParts } from './asking.ts'
import { confirmRequest } from './confirming.ts'
import type { FrameTickets } from './frame-tickets.ts'
import { HttpError, jsonBody, onlyMethod } from '../http/http.ts'
import { limitByAddress } from '../http/limits.ts'
import { read } from '../http/read.ts'
import { ownOrigin } from '../http/safety.ts'
import { qrImageUrl } from './qr-image.ts'
import { sameText } from '../same-text.ts'
import { isWaiting } from './scope-request.ts'
import type { ScopeRequest } from './scope-request.ts'
import { returnUrl } from './way-back.ts'
import { whyNotShown } from './why-not-shown.ts'
import { Asking, Cancelling, Confirming, WayBack } from './wire.ts'
import { allowsOrigin } from '../apps/allowed-domains.ts'

export interface ScopeRequestParts extends AskingParts {
  readonly tickets: FrameTickets
  /** Origins that may make requests for every app. */
  readonly trustedOrigins: readonly string[]
  /** Whether the wallet holds test users. */
  readonly testWallet: boolean
}

/**
 * Later releases of CivicJS add `{version}`; the last ones can leave out the stage
 * (docs/protocol.md#civicjs-generations).
 */
const QR_CODE = [
  '/sip/:stage/:version/scopeRequest/qrcode',
  '/sip/:stage/scopeRequest/qrcode',
  '/sip/scopeRequest/qrcode',
  '/sip//scopeRequest/qrcode',
]
const POLL = ['/sip/:stage/scopeRequest/:uuid', '/sip/scopeRequest/:uuid']

/** The part of the API for sites' pages and the iframe page (docs/protocol.md#civicjs-messages). */
export function scopeRequestRoutes({
  tickets,
  trustedOrigins,
  testWallet,
  ...parts
}: ScopeRequestParts): Router {
  const { apps, requests, returnPaths } = parts
  const router = Router()

  router
    .route(QR_CODE)
    .all(readableForSites(apps))
    .post(
      limitByAddress(parts.limits, 'ask'),
      express.urlencoded({ extended: true, limit: '10kb' }),
      async (req, res) => {
        const body = read(Asking, req.body ?? {})
        const origin = askingOrigin(tickets, req, body)
        const channel = body.channel === 'link' ? 'link' : 'scan'
        const admit = (app: App): void => {
          if (!trustedOrigins.includes(origin)) checkOrigin(app, origin)
        }
        const created = await createRequest(parts, { req, body, origin, channel, admit })
        const imageUri = qrImageUrl(created.scopeRequestString)
        res.json({ imageUri, ...created, ...(testWallet && { testWallet }) })
      },
    )
    .all(onlyMethod('POST'))

  /** The calling browser's request. Other browsers get the same error as for an unknown uuid. */
  const requestOf = async (req: Request): Promise<ScopeRequest> => {
    const stage = stageOfUrl(req)
    const request = await requests.find((req.params as { uuid: string }).uuid)
    const isOfStage = stage === undefined || request?.stage === stage
    if (!request || !isOfStage || !isAsker(request, req.get('x-civic-verifier'))) {
      throw new HttpError(404, 'there is no such scope request of this browser: it is unknown or expired')
    }
    return request
  }

  router
    .route(POLL)
    .get(async (req, res) => {
      const answer = pollAnswer(await requestOf(req))
      res.status(answer.statusCode).json(answer)
    })
    .all(onlyMethod('GET'))
  router
    .route(POLL.map((path) => `${path}/return`))
    .post(jsonBody('10kb'), async (req, res) => {
      const request = await requestOf(req)
      if (!isWaiting(request)) throw new HttpError(410, 'the scope request is over')
      const { requester, channel, appId } = request
      const { url } = read(WayBack, req.body)
      const paths = (await apps.get(appId)).returnPaths ?? returnPaths
      const page = returnUrl(requester.origin, url, paths)
      if (channel === 'link') await requests.note(request, { returnUrl: page })
      res.json({})
    })
    .all(onlyMethod('POST'))

  /** Ends a request that still waits. If it has ended already, nothing is left to do. */
  const cancelled = async (req: Request): Promise<void> => {
    const { verifier } = read(Cancelling, req.body ?? {})
    const request = await requests.find((req.params as { uuid: string }).uuid)
    const isOwn = request && isAsker(request, verifier)
    if (isOwn && isWaiting(request))
      await requests.tryMove(request, 'end', { reason: 'the person closed the dialog' })
  }
  router
    .route(QR_CODE.map((path) => path.replace('qrcode', ':uuid/cancel')))
    .all(readableForSites(apps))
    .post(express.urlencoded({ extended: false, limit: '1kb' }), async (req, res) => {
      await cancelled(req)
      res.json({})
    })
    .all(onlyMethod('POST'))
  router.route('/scopeRequest/:stage/why').get(async (req, res) => {
    res.set({ 'Cross-Origin-Resource-Policy': 'cross-origin', 'Access-Control-Allow-Origin': '*' })
    res.json(await whyNotShown(parts, req))
  })
  router
    .route(POLL.map((path) => `${path}/confirm`))
    .post(jsonBody('10kb'), async (req, res) => {
      await confirmRequest(requests, await requestOf(req), read(Confirming, req.body))
      res.json({})
    })
    .all(onlyMethod('POST'))
  return router
}

/** Lets pages on an app's allowed domains read the response. Set first, so that they can read refusals, too. */
function readableForSites(apps: Apps): RequestHandler {
  return async (req, res, next) => {
    const origin = req.get('origin') ?? ''
    res.vary('Origin')
    if ((await apps.allowing(origin)).length > 0) res.set('Access-Control-Allow-Origin', origin)
    next()
  }
}

/**
 * The origin of the site's page. Usually the page makes the request, and the browser names its origin. With the iframe
 * page of 2017, a ticket names the page around it. If the browser sent no `Referer`, the iframe page sends the origin
 * from `ancestorOrigins`.
 */
function askingOrigin(tickets: FrameTickets, req: Request, body: Asking): string {
  const origin = req.get('origin') ?? ''
  const { ticket, appId, embedder } = body
  if (ticket === undefined || origin !== ownOrigin(req)) return origin
  const embedding = typeof ticket === 'string' ? tickets.read(ticket) : undefined
  if (!embedding || embedding.appId !== appId) {
    throw new HttpError(403, 'ticket: this page is of another app, or of before a restart: load it again')
  }
  return embedding.origin || (embedder ?? '')
}

function checkOrigin(app: App, origin: string): void {
  if (allowsOrigin(app.whitelist, origin) && !isInsecure(app, origin)) return
  const shown =
    origin === '' ? 'the request names no Origin, which' : `the page's origin, ${origin.slice(0, 100)},`
  throw new HttpError(403, `${shown} is not an allowed domain of app ${app.appId}`)
}

/** A bare host name on the list includes http, which a partner's live app may not use. */
function isInsecure({ partnerId, environment }: App, origin: string): boolean {
  return partnerId !== undefined && environment === 'live' && origin.startsWith('http:')
}

/** The verifier, which nobody knows who only saw the QR code or a link with its uuid. */
function isAsker({ challenge }: ScopeRequest, verifier = ''): boolean {
  if (challenge === undefined) return true
  return sameText(createHash('sha256').update(verifier).digest('hex'), challenge)
}

interface PollAnswer {
  readonly statusCode: number
  readonly [field: string]: unknown
}

function pollAnswer({ state, grant, reason }: ScopeRequest): PollAnswer {
  const message = reason === undefined ? {} : { message: reason }
  switch (state) {
    case 'created':
    case 'read':
      return { statusCode: 202, status: state, ...message }
    case 'approved':
      return { statusCode: 202, status: 'confirm' }
    case 'granted':
      return { statusCode: 200, action: 'data-received', type: 'code', authResponse: grant?.authToken }
    case 'denied':
      return { statusCode: 200, action: 'user-cancelled', type: 'code', ...message }
    case 'expired':
      return { statusCode: 410, message: 'the scope request is expired' }
    case 'exchanged':
      return { statusCode: 410, message: 'the code was used already' }
  }
}
