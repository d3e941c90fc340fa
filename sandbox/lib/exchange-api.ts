import { Router } from 'express'
import type { Exchange, ExchangeBody } from './exchange.ts'
import type { FaultInjector } from './fault.ts'
import { anyLabelJsonBody, HttpError, onlyMethod } from './http.ts'
import { ownOrigin } from './safety.ts'

/** The part of the API that partners' servers call (protocol sections 3 and 4). */
export function exchangeRoutes(exchange: Exchange, fault: FaultInjector): Router {
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
    .post(fault.middleware, anyLabelJsonBody(), (req, res) => {
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
