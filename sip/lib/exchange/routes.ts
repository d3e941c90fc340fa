import { Router } from 'express'
import type { Exchange, ExchangeBody } from './exchange.ts'
import { anyLabelJsonBody, HttpError, onlyMethod } from '../http/http.ts'
import { ownOrigin } from '../http/safety.ts'

/** The part of the API that partners' servers call (docs/protocol.md#exchange). */
export function exchangeRoutes(exchange: Exchange): Router {
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
    .post(anyLabelJsonBody(), async (req, res) => {
      const { stage } = req.params as { stage?: string }
      res.json(
        await exchange.exchangeCode(
          req.get('authorization'),
          req.body as ExchangeBody,
          stage,
          ownOrigin(req),
        ),
      )
    })
    .all(onlyMethod('POST'))
  router
    .route('/payloads/:id')
    .get(async (req, res) => {
      const token = await exchange.payload(req.params.id)
      if (token === undefined) throw new HttpError(404, 'there is no such payload: it lives 60 seconds')
      // Labelled as JSON though it is not, like the original.
      res.type('json').send(token)
    })
    .all(onlyMethod('GET'))
  return router
}
