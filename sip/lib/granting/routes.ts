import { LedgerUnavailable } from 'civic-attestations'
import { Router } from 'express'
import type { ErrorRequestHandler, Request } from 'express'
import { AnswerRefused, isNavigation, PAGE_FOR_PEOPLE, WELL_KNOWN_PATH } from 'passport-civic-sip/direct'
import * as v from 'valibot'
import { jsonBody, onlyMethod, refusalOf } from '../http/http.ts'
import { read } from '../http/read.ts'
import { fromAnywhere } from '../http/safety.ts'
import type { OriginOf } from '../http/safety.ts'
import { fields } from '../http/schema.ts'
import type { Granting } from './granting.ts'
import type { WalletRequests } from './wallet-requests.ts'

/** A grant of residence shares some 120 kB. */
const MAX_BODY = '2mb'
/** The last releases of CivicJS can leave out the stage. */
const CALLBACK = ['/sip/:stage/scopeRequest/:uuid/callback', '/sip/scopeRequest/:uuid/callback']
const RETRY_AFTER = '5'
/** The encrypted response, which is verified after decryption. */
const Answering = fields({ answer: v.optional(v.unknown()) })

export interface WalletParts {
  readonly granting: Granting
  readonly walletRequests: WalletRequests
  readonly originOf: OriginOf
}

/**
 * The routes for wallets, besides the attester's (attester/routes.ts). Pages of any origin may call them
 * (docs/wallet-protocol.md). Errors are `{ statusCode, code, message }`.
 *
 * | call | body | response |
 * |---|---|---|
 * | `GET /.well-known/civic-sip` | | this SIP's name, and the keys of its requests |
 * | `GET {api}{stage}/scopeRequest/{uuid}/callback` | | `{ token }`; a page for a person in a browser |
 * | `POST {api}{stage}/scopeRequest/{uuid}/callback` | `{ answer }` | `{ status, confirm?, redirectUri? }` |
 */
export function walletRoutes({ granting, walletRequests, originOf }: WalletParts): Router {
  const router = Router()
  router
    .route(WELL_KNOWN_PATH)
    .all(fromAnywhere('GET'))
    .get(async (req, res) => {
      res.set('Cache-Control', 'public, max-age=300').json(await walletRequests.wellKnown(originOf(req)))
    })
    .all(onlyMethod('GET'))
  router
    .route(CALLBACK)
    .all(fromAnywhere('GET', 'POST'))
    .get(async (req, res) => {
      if (isNavigation(req.headers)) res.type('html').send(PAGE_FOR_PEOPLE)
      else res.json(await granting.read(uuidOf(req), req.path))
    })
    .post(jsonBody(MAX_BODY), async (req, res) => {
      const { answer } = read(Answering, req.body)
      res.json(await granting.answer(uuidOf(req), req.path, answer))
    })
    .all(onlyMethod('GET, POST'))
  router.use(CALLBACK, refusals)
  return router
}

function uuidOf({ params }: Request): string {
  return (params as { uuid: string }).uuid
}

/** The code by status, for an error without a code. */
const CODES: Readonly<Record<number, string>> = { 405: 'METHOD', 413: 'TOO_LARGE', 415: 'MEDIA_TYPE' }

const refusals: ErrorRequestHandler = (error: unknown, _req, res, next) => {
  if (error instanceof AnswerRefused) {
    const { status: statusCode, code, message } = error
    res.status(statusCode).json({ statusCode, code, message })
  } else if (error instanceof LedgerUnavailable) {
    const message = 'This cannot be checked now: try again later'
    res.set('Retry-After', RETRY_AFTER).status(503).json({ statusCode: 503, code: error.code, message })
  } else {
    const refused = refusalOf(error)
    if (!refused) {
      next(error)
      return
    }
    const { status, message, headers } = refused
    const code = CODES[status] ?? 'UNREADABLE'
    res.set(headers).status(status).json({ statusCode: status, code, message })
  }
}
