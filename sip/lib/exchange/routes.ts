import { Router } from 'express'
import { ExchangeBody } from './exchange.ts'
import type { Exchange } from './exchange.ts'
import { anyLabelJsonBody, HttpError, onlyMethod } from '../http/http.ts'
import { read } from '../http/read.ts'
import { ownOrigin } from '../http/safety.ts'

/** The part of the API that partners' servers call (docs/protocol.md#exchange). */
export function exchangeRoutes(exchange: Exchange): Router {
  const router = Router()
  // Without a stage (`includeStageInURL: false`), the official client's URL has two slashes.
  const paths = [
    '/sip/:stage/scopeRequest/authCode',
    '/sip/scopeRequest/authCode',
    '/sip//scopeRequest/authCode',
  ]
  // The Authorization header keeps other sites' pages out, so the content type does not matter.
  router
    .route(paths)
    .post(anyLabelJsonBody(), async (req, res) => {
      const { stage } = req.params as { stage?: string }
      res.json(
        await exchange.exchangeCode(
          req.get('authorization'),
          read(ExchangeBody, req.body),
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
      // Labelled as JSON although it is not, as in the original.
      res.type('json').send(token)
    })
    .all(onlyMethod('GET'))
  return router
}
