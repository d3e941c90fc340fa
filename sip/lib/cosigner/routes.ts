import express from 'express'
import type { Express } from 'express'
import { MAX_TREES_BYTES } from '../attester/signers.ts'
import { errorHandler, notFound } from '../http/http.ts'
import { read } from '../http/read.ts'
import { signedJson } from './call.ts'
import type { Cosigner } from './cosigner.ts'
import { CodeCall, ProofCall, SignCall } from './wire.ts'

/** The trees, which contain the pictures of documents, and the transactions whose outputs are spent. */
const MAX_BODY = MAX_TREES_BYTES + 4 * 1024 * 1024

/**
 * The cosigner's API for its server. Every call is a signed POST (call.ts).
 *
 * | call | body | answer |
 * |---|---|---|
 * | `POST facts` | `{}` | its keys, and the evidence that it requires |
 * | `POST codes` | `{ label, address, publicKey, source?, host? }` | 202 `{}` |
 * | `POST proofs` | the same with `code` | `{ isProven }` |
 * | `POST signatures` | `{ parties, draft, trees }` | `{ signatures }` |
 */
export function cosignerApp(
  cosigner: Cosigner,
  { key, clock = Date.now }: { key: string; clock?: () => number },
): Express {
  const app = express().disable('x-powered-by')
  app.use(signedJson({ key, clock, limit: MAX_BODY }))
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
