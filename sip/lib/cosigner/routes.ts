import express from 'express'
import type { Express, RequestHandler } from 'express'
import { errorHandler, HttpError, notFound } from '../http/http.ts'
import { read } from '../http/read.ts'
import { isSignedCall } from '../http/signed-call.ts'
import type { Cosigner } from './cosigner.ts'
import { CodeCall, ProofCall, SignCall } from './wire.ts'

/** Trees of a transaction hold the pictures of documents. */
const MAX_BODY = '32mb'

/**
 * What a server asks of its cosigner. Every call is a POST that is signed (http/signed-call.ts).
 *
 * | call | body | answer |
 * |---|---|---|
 * | `POST facts` | `{}` | its keys, and what it asks for |
 * | `POST codes` | `{ label, address, publicKey, source?, host? }` | 202 `{}` |
 * | `POST proofs` | the same with `code` | `{ isProven }` |
 * | `POST signatures` | `{ parties, draft, trees }` | `{ signatures }` |
 */
export function cosignerApp(
  cosigner: Cosigner,
  { key, clock = Date.now }: { key: string; clock?: () => number },
): Express {
  const app = express().disable('x-powered-by')
  app.use(express.text({ limit: MAX_BODY, type: () => true }), signedBy(key, clock))
  app.post('/facts', (_req, res) => {
    res.json(cosigner.facts)
  })
  app.post('/codes', async (req, res) => {
    const { host, ...claimant } = read(CodeCall, req.body)
    await cosigner.sendCode(claimant, host)
    res.status(202).json({})
  })
  app.post('/proofs', async (req, res) => {
    const { code, host: _, ...claimant } = read(ProofCall, req.body)
    res.json({ isProven: await cosigner.redeem(claimant, code) })
  })
  app.post('/signatures', async (req, res) => {
    const { parties, draft, trees } = read(SignCall, req.body)
    res.json({ signatures: await cosigner.sign(parties, draft, { trees }) })
  })
  app.use(notFound, errorHandler)
  return app
}

/** Lets nobody through but who has the key, and reads the body. */
function signedBy(key: string, clock: () => number): RequestHandler {
  return (req, _res, next) => {
    const body = typeof req.body === 'string' ? req.body : ''
    if (!isSignedCall(key, body, (name) => req.get(name), clock())) {
      throw new HttpError(401, 'the call is not signed, or is too old')
    }
    try {
      req.body = JSON.parse(body) as unknown
    } catch {
      throw new HttpError(400, 'the body is not JSON')
    }
    next()
  }
}
