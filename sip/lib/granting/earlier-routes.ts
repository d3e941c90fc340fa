import { Router } from 'express'
import type { EarlierGranting } from './earlier.ts'
import { jsonBody } from '../http/http.ts'
import { sameOriginOnly } from '../http/safety.ts'

/** A grant of residence shares some 120 kB. */
const MAX_BODY = '2mb'

export interface EarlierWalletParts {
  readonly granting: EarlierGranting
}

/**
 * What the wallet page and headless wallets call, besides the attester (attester/routes.ts). All is JSON; errors are `{ statusCode, message }`.
 *
 * | call | body | answer |
 * |---|---|---|
 * | `POST requests/{uuid}/read` | `{ xpub }` | `RequestView` |
 * | `POST requests/{uuid}/answer` | `AnswerBody` | `{ state, redirectUri? }`; 202 `{ state, waiting }` while it is undecided |
 * | `POST requests/{uuid}/outcome` | `{ xpub }` | the same, later |
 */
export function earlierWalletRoutes({ granting }: EarlierWalletParts): Router {
  const router = Router()
  const json = jsonBody(MAX_BODY)
  router.use('/wallet/api', sameOriginOnly)

  router.post('/wallet/api/requests/:uuid/read', json, async (req, res) => {
    const { xpub } = req.body as Record<string, unknown>
    res.json(await granting.read(req.params.uuid, xpub))
  })
  router.post('/wallet/api/requests/:uuid/answer', json, async (req, res) => {
    const { xpub, envelope } = req.body as Record<string, unknown>
    const outcome = await granting.answer(req.params.uuid, xpub, envelope)
    res.status(outcome.waiting === undefined ? 200 : 202).json(outcome)
  })
  router.post('/wallet/api/requests/:uuid/outcome', json, async (req, res) => {
    const { xpub } = req.body as Record<string, unknown>
    res.json(await granting.outcome(req.params.uuid, xpub))
  })
  return router
}
