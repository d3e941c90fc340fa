import { Router } from 'express'
import { jsonBody, sameOriginOnly } from 'civic-sip-server/http'
import { valuesOf } from './people.ts'
import type { People, Person } from './people.ts'

/**
 * The test users' JSON API for the wallet page. Errors are `{ statusCode, message }`.
 *
 * | call | body | answer |
 * |---|---|---|
 * | `GET people`, `GET people/{id}` | | `{ id, name, … }`; the latter with `values`, label to value |
 * | `POST people` | a `PersonDescription` | the person, as `GET people/{id}` |
 */
export function peopleRoutes(people: People): Router {
  const router = Router()
  const json = jsonBody()
  router.use('/wallet/api', sameOriginOnly)

  router.get('/wallet/api/people', (_req, res) => {
    res.json(people.list().map(summary))
  })
  router.get('/wallet/api/people/:id', (req, res) => {
    res.json(detail(people.known(req.params.id)))
  })
  router.post('/wallet/api/people', json, (req, res) => {
    res.status(201).json(detail(people.describe(req.body)))
  })
  return router
}

function summary({ id, name, email, phoneNumber }: Person): object {
  return { id, name, email, phoneNumber }
}

function detail(person: Person): object {
  return { ...summary(person), values: Object.fromEntries(valuesOf(person)) }
}
