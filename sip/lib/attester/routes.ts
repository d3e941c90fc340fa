import { Router } from 'express'
import type { Attester } from './attester.ts'
import type { Issuer } from './issuer.ts'
import { jsonBody, onlyMethod } from '../http/http.ts'
import { checkLimit, limitByAddress } from '../http/limits.ts'
import type { Limits } from '../http/limits.ts'
import { read } from '../http/read.ts'
import { fromAnywhere } from '../http/safety.ts'
import { sourceOf } from '../http/source.ts'
import { AttestationWish, CodeWish, OwnRevocation, Signed } from './wire.ts'

/** The attester's path. */
export const ATTESTER_PATH = '/attester'
/** The claims of a document contain its picture. */
const MAX_BODY = '2mb'

export interface AttesterRouteParts {
  readonly attester: Attester
  readonly limits: Limits
  /** Has the xpubs that verifiers must trust. */
  readonly issuer: Pick<Issuer, 'authorities'>
  /** Of the ledger. */
  readonly network: string
  readonly url: string
}

/**
 * The routes with which wallets have labels attested. Any origin may call them, without cookies or other credentials:
 * codes, unguessable ids and signatures authorize the calls. Errors are `{ statusCode, message }`.
 *
 * | call | body | answer |
 * |---|---|---|
 * | `GET` | | who attests, on which ledger, and what each label takes |
 * | `POST codes` | `{ xpub, label, value }` | 202 `{}`: the code is sent by the mailer |
 * | `POST attestations` | `{ label: <set>, xpub, claims, codes? }` | 202 `{ id, state, tree? }` |
 * | `GET attestations/{id}` | | `{ state, tree?, attestations?, reason? }` |
 * | `PUT attestations/{id}` | `{ subject }` | `{ state }` |
 * | `POST revocations` | `{ xpub, label: <set>, signature }` | `{}` |
 */
export function attesterRoutes({ attester, limits, issuer, network, url }: AttesterRouteParts): Router {
  const router = Router()
  const json = jsonBody(MAX_BODY)
  router.use(ATTESTER_PATH, fromAnywhere('GET', 'POST', 'PUT'))
  router.use(ATTESTER_PATH, limitByAddress(limits, 'attest', ['POST', 'PUT']))

  router
    .route(ATTESTER_PATH)
    .get((_req, res) => {
      const { labels } = attester
      const { authorities } = issuer
      res.json({ version: 1, name: 'Civic', authorities, network, ledger: `${url}/ledger`, labels })
    })
    .all(onlyMethod('GET'))

  router
    .route(`${ATTESTER_PATH}/codes`)
    .post(json, async (req, res) => {
      const caller = { host: hostOf(req.get('origin')), source: sourceOf(req) }
      await attester.sendCode(read(CodeWish, req.body), caller)
      res.status(202).json({})
    })
    .all(onlyMethod('POST'))

  router
    .route(`${ATTESTER_PATH}/attestations`)
    .post(json, async (req, res) => {
      const wish = read(AttestationWish, req.body)
      const source = sourceOf(req)
      await checkLimit(limits, 'attest key', wish.xpub)
      // Limited by address, because keys are free and no code is needed: one caller could fill the reviewers' desk
      if (attester.mayNeedReview(wish.label)) await checkLimit(limits, 'document', source ?? '')
      res.status(202).json(await attester.request(wish, { source }))
    })
    .all(onlyMethod('POST'))

  router
    .route(`${ATTESTER_PATH}/attestations/:id`)
    .get(async (req, res) => {
      res.json(await attester.status(req.params.id))
    })
    .put(json, async (req, res) => {
      const { subject } = read(Signed, req.body)
      res.json(await attester.sign(req.params.id, subject))
    })
    .all(onlyMethod('GET, PUT'))

  router
    .route(`${ATTESTER_PATH}/revocations`)
    .post(json, async (req, res) => {
      await attester.revoke(read(OwnRevocation, req.body))
      res.json({})
    })
    .all(onlyMethod('POST'))
  return router
}

/** The host of the requesting page, from its browser. */
function hostOf(origin: string | undefined): string | undefined {
  return origin !== undefined && URL.canParse(origin) && origin.length <= 300
    ? new URL(origin).host || undefined
    : undefined
}
