import { Router } from 'express'
import type { RequestHandler } from 'express'
import type { Exchange, ExchangeBody } from './exchange.ts'
import { anyLabelJsonBody, HttpError, onlyMethod } from '../http/http.ts'
import { ownOrigin } from '../http/safety.ts'

/**
 * The part of the API that partners' servers call (docs/protocol.md#exchange).
 *
 * @param before runs in front of each exchange
 */
export function exchangeRoutes(exchange: Exchange, before: RequestHandler): Router {
  const router = Router()
  // The official client puts a second slash where it leaves the stage out (`includeStageInURL: false`).
  const paths = [
    '/sip/:stage/scopeRequest/authCode',
    '/sip/scopeRequest/authCode',
    '/sip//scopeRequest/authCode',
  ]
  // The Authorization header keeps foreign pages out, so the body's label does not matter.
  router
    .route(paths)
    .post(before, anyLabelJsonBody(), (req, res) => {
      const { stage } = req.params as { stage?: string }
      res.json(exchange.trade(req.get('authorization'), req.body as ExchangeBody, stage, ownOrigin(req)))
    })
    .all(onlyMethod('POST'))
  router
    .route('/payloads/:id')
    .get((req, res) => {
      const token = exchange.payload(req.params.id)
      if (token === undefined) throw new HttpError(404, 'there is no such payload: it lives 60 seconds')
      // Labelled as JSON though it is none, like the original.
      res.type('json').send(token)
    })
    .all(onlyMethod('GET'))
  return router
}
