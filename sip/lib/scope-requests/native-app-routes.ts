import { Router } from 'express'
import type { RequestHandler } from 'express'
import type { App } from '../apps/apps.ts'
import { createRequest, stageOfUrl } from './asking.ts'
import type { AskingParts } from './asking.ts'
import type { Exchange } from '../exchange/exchange.ts'
import { HttpError, jsonBody, onlyMethod } from '../http/http.ts'
import { limitByAddress } from '../http/limits.ts'
import { read } from '../http/read.ts'
import { sealForApp } from './native-app.ts'
import { AppCode, Asking } from './wire.ts'

export interface NativeAppParts extends AskingParts {
  readonly exchange: Exchange
}

/** The origin that Civic's iOS library sends from any app. Anybody can have pages there. */
const APPS_ORIGIN = 'https://s3.amazonaws.com'

/** The part of the API that partners' native apps call (docs/protocol.md#native-apps). */
export function nativeAppRoutes({ exchange, ...parts }: NativeAppParts): Router {
  const router = Router()
  router
    .route(pathsOf('verifyPartner'))
    .post(notForPages, limitByAddress(parts.limits, 'ask'), jsonBody('10kb'), async (req, res) => {
      const body = read(Asking, req.body)
      const origin = body.mobileId?.slice(0, 200) ?? ''
      const admit = (app: App): void => checkMobileId(app, origin)
      const created = await createRequest(parts, { req, body, origin, channel: 'app', admit })
      res.json({ ...created, status: 0 })
    })
    .all(onlyMethod('POST'))
  router
    .route(pathsOf('connectXCtr'))
    .post(notForPages, jsonBody('20kb'), async (req, res) => {
      const { jwtToken } = read(AppCode, req.body)
      res.json(await sealForApp(await exchange.redeemForApp(jwtToken, stageOfUrl(req))))
    })
    .all(onlyMethod('POST'))
  return router
}

function pathsOf(call: string): string[] {
  return [`/sip/:stage/:version`, `/sip/:stage`, `/sip`].map(
    (base) => `${base}/scopeRequest/appToApp/${call}`,
  )
}

/**
 * Refuses web pages, which must not make requests for an app: a mobileId is not a secret. A page cannot choose its
 * `Origin`, and cannot leave out `Sec-Fetch-Site`, which no native app sends. A page at the apps' origin, in a browser
 * without that header, is stopped by the preflight for its JSON body, which gets no permission.
 */
const notForPages: RequestHandler = (req, _res, next) => {
  const origin = req.get('origin') ?? APPS_ORIGIN
  if (origin !== APPS_ORIGIN || req.get('sec-fetch-site') !== undefined) {
    throw new HttpError(403, 'this call is for native apps: pages ask for a QR code')
  }
  next()
}

function checkMobileId(app: App, mobileId: string): void {
  if (app.whitelist.includes(mobileId.toLowerCase())) return
  throw new HttpError(403, 'the mobileId is not an allowed domain of the app: add it there, like a host name')
}
