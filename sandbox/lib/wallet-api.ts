import { Router } from 'express'
import type { Granting } from './granting.ts'
import { jsonBody } from './http.ts'
import { valuesOf } from './people.ts'
import type { People, Person, PersonDescription } from './people.ts'
import { sameOriginOnly } from './safety.ts'

/** A grant of residence shares some 120 kB. */
const MAX_BODY = '2mb'

export interface WalletParts {
  readonly granting: Granting
  readonly people: People
}

/**
 * What the wallet page and headless wallets call, besides the attester (attester-api.ts). All is JSON; errors are `{ statusCode, message }`.
 *
 * | call | body | answer |
 * |---|---|---|
 * | `POST requests/{uuid}/read` | `{ xpub }` | `RequestView` |
 * | `POST requests/{uuid}/answer` | `AnswerBody` | `{ state, redirectUri? }`; 202 `{ state, waiting }` while it is undecided |
 * | `POST requests/{uuid}/outcome` | `{ xpub }` | the same, later |
 * | `GET people`, `GET people/{id}` | | `{ id, name, … }`; the latter with `values`, label to value |
 * | `POST people` | a `PersonDescription` | the person, as `GET people/{id}` |
 */
export function walletRoutes({ granting, people }: WalletParts): Router {
  const router = Router()
  const json = jsonBody(MAX_BODY)
  router.use('/wallet/api', sameOriginOnly)

  router.post('/wallet/api/requests/:uuid/read', json, (req, res) => {
    const { xpub } = req.body as Record<string, unknown>
    res.json(granting.read(req.params.uuid, xpub))
  })
  router.post('/wallet/api/requests/:uuid/answer', json, async (req, res) => {
    const { xpub, envelope } = req.body as Record<string, unknown>
    const outcome = await granting.answer(req.params.uuid, xpub, envelope)
    res.status(outcome.waiting === undefined ? 200 : 202).json(outcome)
  })
  router.post('/wallet/api/requests/:uuid/outcome', json, (req, res) => {
    const { xpub } = req.body as Record<string, unknown>
    res.json(granting.outcome(req.params.uuid, xpub))
  })

  router.get('/wallet/api/people', (_req, res) => {
    res.json(people.list().map(summary))
  })
  router.get('/wallet/api/people/:id', (req, res) => {
    res.json(detail(people.known(req.params.id)))
  })
  router.post('/wallet/api/people', json, (req, res) => {
    res.status(201).json(detail(people.get(req.body as PersonDescription)))
  })
  return router
}

function summary({ id, name, email, phoneNumber }: Person): object {
  return { id, name, email, phoneNumber }
}

function detail(person: Person): object {
  return { ...summary(person), values: Object.fromEntries(valuesOf(person)) }
}
