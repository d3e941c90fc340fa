import { Router } from 'express'
import { jsonBody } from '../http/http.ts'
import { read } from '../http/read.ts'
import type { Access } from '../partners/access.ts'
import { check } from '../partners/person.ts'
import type { Person } from '../partners/person.ts'
import type { Power } from '../partners/roles.ts'
import type { DomainProof, Review } from '../store/partner-stores.ts'
import * as wire from './app-wire.ts'
import type { App, Apps } from './apps.ts'
import { PROOF_PATH, recordOf } from './domain-proof.ts'
import type { DomainsOfApps } from './domains.ts'
import type { Reviews } from './reviews.ts'

export interface PartnerAppParts {
  readonly access: Access
  readonly apps: Apps
  readonly domains: DomainsOfApps
  readonly reviews: Reviews
}

const BASE = '/dashboard/api/apps/:appId'

/**
 * The routes for partners' apps: proofs of domains, and reviews.
 *
 * | call | body | response |
 * |---|---|---|
 * | `GET apps/{appId}/domains` | | proved and waiting hosts, with the text to publish |
 * | `POST apps/{appId}/domains/check` | `{ host }` | `{ found }`: the result of a check now |
 * | `DELETE apps/{appId}/domains/{host}` | | 204: the host and its entries are removed |
 * | `GET apps/{appId}/review` | | the partner's request, or `null` |
 * | `PUT apps/{appId}/review` | `{ live?, name?, logo?, scopes? }` | the new request |
 * | `DELETE apps/{appId}/review` | | 204: withdrawn |
 */
export function partnerAppRoutes({ access, apps, domains, reviews }: PartnerAppParts): Router {
  const router = Router()
  const json = jsonBody()

  const reach = async (req: Parameters<Access['personOf']>[0], power: Power): Promise<[Person, App]> => {
    const app = await apps.get(req.params['appId'])
    const person = access.personOf(req)
    check(person, power, app.partnerId, `there is no app ${JSON.stringify(app.appId)}`)
    return [person, app]
  }

  router.get(`${BASE}/domains`, async (req, res) => {
    const [, app] = await reach(req, 'app.read')
    res.json((await domains.proofs(app.appId)).map(domainView))
  })
  router.post(`${BASE}/domains/check`, json, async (req, res) => {
    const [person, app] = await reach(req, 'app.write')
    const { host } = read(wire.Host, req.body)
    const found: wire.Found = { found: await domains.look(person, app, host) }
    res.json(found)
  })
  router.delete(`${BASE}/domains/:host`, async (req, res) => {
    const [person, app] = await reach(req, 'app.write')
    await domains.drop(person, app, req.params.host)
    res.sendStatus(204)
  })

  router.get(`${BASE}/review`, async (req, res) => {
    const [, app] = await reach(req, 'app.read')
    const review = await reviews.find(app.appId)
    res.json(review ? reviewView(review) : null)
  })
  router.put(`${BASE}/review`, json, async (req, res) => {
    const [person, app] = await reach(req, 'app.write')
    res.json(reviewView(await reviews.ask(person, app, read(wire.Wish, req.body))))
  })
  router.delete(`${BASE}/review`, async (req, res) => {
    const [person, app] = await reach(req, 'app.write')
    await reviews.withdraw(person, app)
    res.sendStatus(204)
  })
  return router
}

function domainView({ host, value, waiting, provedAt, lostAt }: DomainProof): wire.Domain {
  return {
    host,
    isProved: provedAt !== undefined,
    ...(lostAt !== undefined && { lostAt }),
    waiting,
    file: { url: `https://${host}${PROOF_PATH}`, text: value },
    record: recordOf(host, value),
  }
}

export function reviewView({ partnerId: _private, ...review }: Review): wire.Review {
  return review
}
