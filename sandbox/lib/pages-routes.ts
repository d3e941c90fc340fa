import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import express, { Router } from 'express'
import type { App, Issued, MemoryStores } from 'civic-sip-server'
import { HttpError, jsonBody, read, sameOriginOnly } from 'civic-sip-server/http'
import { originOf } from './ask-for-code.ts'
import type { Chain } from './chain.ts'
import type { FaultInjector } from './fault.ts'
import type { Mailbox } from './mailbox.ts'
import type { Owners } from './owners.ts'
import type { PeopleWallets } from './people-wallets.ts'
import type { People, Person } from './people.ts'
import { FaultBody } from './wire.ts'
import type * as wire from './wire.ts'

/** The bundled pages, wherever this package is installed. */
const PAGES = join(
  dirname(createRequire(import.meta.url).resolve('civic-sip-sandbox/package.json')),
  'dist/pages',
)

export interface PagesParts {
  readonly mailbox: Mailbox
  readonly chain: Chain
  readonly people: People
  readonly wallets: PeopleWallets
  readonly owners: Owners
  readonly fault: FaultInjector
  readonly stores: Pick<MemoryStores, 'apps' | 'anchors'>
  /** Revokes all attestations of a test user. @returns how many anchors were spent */
  readonly revoke: (person: Person) => Promise<number>
}

/**
 * The sandbox's pages at `/sandbox`, and their JSON API at `/sandbox/api`. Errors are `{ statusCode, message }`.
 *
 * | call | body | answer |
 * |---|---|---|
 * | `GET mail` | | the test mailbox, newest first (also at `/dashboard/api/mail`, where it was before) |
 * | `POST mine` | | 204: made a block, if the ledger is the sandbox's own (also at `/dashboard/api/mine`) |
 * | `GET people`, `GET people/{id}` | | the test users; one of them |
 * | `POST people` | a `PersonDescription` | 201: the test user |
 * | `PATCH people/{id}` | a `PersonDescription` | the changed test user |
 * | `POST people/{id}/revoke` | | `{ count }`: revokes all attestations of the test user |
 * | `GET fault`, `PUT fault` | `FaultBody` | how the next exchanges fail |
 * | `GET apps` | | the apps at which a test user can log in |
 */
export function pagesRoutes(parts: PagesParts): Router {
  const { mailbox, chain, people, wallets, fault } = parts
  const router = Router()
  const json = jsonBody()
  const base = '/sandbox/api'
  router.get('/sandbox', (_req, res) => {
    res.set('Cross-Origin-Opener-Policy', 'same-origin')
    res.sendFile('index.html', { root: PAGES, cacheControl: false, headers: { 'Cache-Control': 'no-cache' } })
  })
  router.use([base, '/dashboard/api/mail', '/dashboard/api/mine'], sameOriginOnly)
  router.get([`${base}/mail`, '/dashboard/api/mail'], (_req, res) => {
    res.json(mailbox.list())
  })
  router.post([`${base}/mine`, '/dashboard/api/mine'], (_req, res) => {
    if (!chain.isEmbedded) throw new HttpError(409, "the blockchain is not the sandbox's own")
    chain.mine()
    res.sendStatus(204)
  })

  const view = (person: Person): wire.User => userView(person, attestedOf(person, parts))
  router.get(`${base}/people`, (_req, res) => {
    res.json(people.list().map(summary))
  })
  router.get(`${base}/people/:id`, (req, res) => {
    res.json(view(people.known(req.params.id)))
  })
  router.post(`${base}/people`, json, (req, res) => {
    res.status(201).json(view(people.describe(req.body)))
  })
  router.patch(`${base}/people/:id`, json, (req, res) => {
    const person = people.edit(req.params.id, req.body)
    wallets.forget(person.id)
    res.json(view(person))
  })
  router.post(`${base}/people/:id/revoke`, async (req, res) => {
    const revoked: wire.Revoked = { count: await parts.revoke(people.known(req.params.id)) }
    res.json(revoked)
  })

  const faultView = (): FaultBody => {
    const { status, delayMs, cut, times } = fault.current
    return {
      ...(status !== undefined && { status }),
      ...(delayMs !== undefined && { delayMs }),
      ...(cut !== undefined && { cut }),
      times: times === Infinity ? 'always' : times,
    }
  }
  router
    .route(`${base}/fault`)
    .get((_req, res) => {
      res.json(faultView())
    })
    .put(json, (req, res) => {
      const { times, ...wanted } = read(FaultBody, req.body)
      fault.set({ ...wanted, times: times === 'always' ? Infinity : times })
      res.json(faultView())
    })

  router.get(`${base}/apps`, (_req, res) => {
    res.json(parts.stores.apps.all.map(appView))
  })
  router.use('/sandbox', express.static(PAGES, { index: false, redirect: false }))
  return router
}

/** All current attestations of a test user, for any key. */
export function attestedOf(
  { id }: Person,
  { stores, owners }: Pick<PagesParts, 'stores' | 'owners'>,
): readonly Issued[] {
  return stores.anchors.all.filter(({ revoked, xpub }) => !revoked && owners.ofKey(xpub)?.id === id)
}

function summary({ id, name, email, phoneNumber }: Person): wire.UserSummary {
  return { id, name, email, phoneNumber }
}

function userView(person: Person, attested: readonly Issued[]): wire.User {
  const { number, dateOfBirth, dateOfExpiry, country } = person.document
  return {
    ...summary(person),
    dateOfBirth,
    document: { number, dateOfExpiry, country },
    address: person.address,
    attested: attested.map(({ set, txid, vout }) => ({ set, txid, vout })),
  }
}

function appView({ appId, name, whitelist: [first], scopes }: App): wire.AppSummary {
  return { appId, name, ...(first !== undefined && { origin: originOf(first) }), scopes: [...scopes] }
}
