import { Router } from 'express'
import { HttpError, sameOriginOnly } from 'civic-sip-server/http'
import type { Chain } from './chain.ts'
import type { Mailbox } from './mailbox.ts'

/**
 * What is around the server in a sandbox, for its pages.
 *
 * | call | answer |
 * |---|---|
 * | `GET /dashboard/api/mail` | the test mailbox, newest first |
 * | `POST /dashboard/api/mine` | 204: made a block, if the ledger is the sandbox's own |
 */
export function testWorldRoutes(mailbox: Mailbox, chain: Chain): Router {
  const router = Router()
  const base = '/dashboard/api'
  router.use(base, sameOriginOnly)
  router.get(`${base}/mail`, (_req, res) => {
    res.json(mailbox.list())
  })
  router.post(`${base}/mine`, (_req, res) => {
    if (!chain.isEmbedded) throw new HttpError(409, "the blockchain is not the sandbox's own")
    chain.mine()
    res.sendStatus(204)
  })
  return router
}
