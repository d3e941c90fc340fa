import express, { Router } from 'express'
import { handleEsplora } from 'civic-attestations'
import type { Ledger } from 'civic-attestations'
import { sameOriginOnly } from '../http/safety.ts'

/** The blockchain through Esplora's HTTP API, at `/ledger`. It is public, for pages of every origin. */
export function ledgerRoutes(ledger: Ledger): Router {
  const router = Router()
  const text = express.text({ type: () => true, limit: '400kb' })
  router.use('/ledger', (req, res, next) => {
    if (req.method === 'GET') {
      res.set({ 'Access-Control-Allow-Origin': '*', 'Cross-Origin-Resource-Policy': 'cross-origin' })
      next()
    } else sameOriginOnly(req, res, next)
  })
  router.use('/ledger', text, async (req, res) => {
    const body = typeof req.body === 'string' ? req.body : ''
    const answer = await handleEsplora(ledger, req.method, req.path, body)
    res.status(answer.status).type(answer.contentType).send(answer.body)
  })
  return router
}
