import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Router } from 'express'
import * as wire from '../apps/app-wire.ts'
import type { Apps } from '../apps/apps.ts'
import { reviewView } from '../apps/partner-app-routes.ts'
import type { Reviews } from '../apps/reviews.ts'
import { jsonBody } from '../http/http.ts'
import { read } from '../http/read.ts'
import type { PartnerStore } from '../store/partner-stores.ts'
import { OPERATORS } from '../store/partner-stores.ts'
import type { Access } from './access.ts'
import type { Accounts } from './accounts.ts'
import type { AuditLog } from './audit.ts'
import type { OwnerMail } from './owner-mail.ts'
import type { OwnerMessages } from './owner-messages.ts'
import { checkOperator } from './person.ts'
import { auditPage } from './team-routes.ts'

export interface OperatorParts {
  readonly access: Access
  readonly accounts: Accounts
  readonly apps: Apps
  readonly audit: AuditLog
  readonly partners: PartnerStore
  readonly reviews: Reviews
  /** Tells owners what operators decide. */
  readonly mail: OwnerMail
  readonly messages: OwnerMessages
  /** What the server does for apps that say nothing of it. */
  readonly confirm: boolean
}

const BASE = '/dashboard/api/operator'

/**
 * The routes for operators of the server.
 *
 * | call | body | response |
 * |---|---|---|
 * | `GET operator/partners` | | all partners with their apps |
 * | `POST operator/invites` | | 201: a link for making a new partner |
 * | `GET operator/reviews` | | the partners' requests, oldest first |
 * | `POST operator/reviews/{appId}` | `{ approve, askedAt, reason? }` | 204 |
 * | `PATCH operator/apps/{appId}` | `{ suspended?, environment?, attestations?, confirm? }` | 204 |
 * | `GET operator/audit?before=` | | everybody's entries, newest first |
 * | `GET operator/audit/export` | | the whole log, as lines of JSON |
 */
export function operatorRoutes(parts: OperatorParts): Router {
  const { access, accounts, apps, audit, partners, reviews, mail, messages } = parts
  const router = Router()
  const json = jsonBody()
  router.use(BASE, (req, _res, next) => {
    checkOperator(access.personOf(req))
    next()
  })

  router.get(`${BASE}/partners`, async (_req, res) => {
    const all = await apps.list()
    const views = (await partners.list())
      .filter(({ id }) => id !== OPERATORS)
      .map((partner): wire.PartnerView => ({
        ...partner,
        apps: all
          .filter(({ partnerId }) => partnerId === partner.id)
          .map(({ appId, name, environment, ...others }) => {
            const { isSuspended = false, attestations = false, confirm = parts.confirm } = others
            return { appId, name, environment, suspended: isSuspended, attestations, confirm }
          }),
      }))
    res.json(views)
  })
  router.post(`${BASE}/invites`, async (req, res) => {
    const { link, invite } = await accounts.invite(undefined, 'OWNER')
    await audit.note(access.personOf(req), { what: 'partner.invited' })
    res.status(201).json({ link, expiresAt: invite.expiresAt })
  })

  router.get(`${BASE}/reviews`, async (_req, res) => {
    const waiting = await Promise.all(
      (await reviews.waiting()).map(async (review): Promise<wire.Waiting | undefined> => {
        const app = await apps.find(review.appId)
        if (!app) return undefined
        const { name, environment, scopes, whitelist } = app
        const partnerName = (await partners.find(review.partnerId))?.name ?? ''
        return { ...reviewView(review), partnerName, now: { name, environment, scopes, whitelist } }
      }),
    )
    res.json(waiting.filter(Boolean))
  })
  router.post(`${BASE}/reviews/:appId`, json, async (req, res) => {
    const { appId } = req.params
    const decision = read(wire.Decision, req.body)
    const app = await apps.get(appId)
    const { partnerId } = app
    const of = { appId, ...(partnerId !== undefined && { partnerId }) }
    const person = access.personOf(req)
    if (decision.approve) {
      await reviews.approve(appId, decision.askedAt)
      await audit.note(person, { what: 'review.approved', ...of })
    } else {
      await reviews.refuse(appId, decision.askedAt, decision.reason)
      await audit.note(person, { what: 'review.refused', ...of })
    }
    await mail.tell(partnerId, messages.reviewDecided(app, decision.approve))
    res.sendStatus(204)
  })

  router.patch(`${BASE}/apps/:appId`, json, async (req, res) => {
    const { appId } = req.params
    const { suspended, ...change } = read(wire.OperatorChange, req.body)
    const app = await apps.get(appId)
    const { partnerId } = app
    await apps.decide(appId, { ...change, isSuspended: suspended })
    const done = Object.entries({ suspended, ...change }).filter(([, value]) => value !== undefined)
    await audit.note(access.personOf(req), {
      what: 'app.decided',
      appId,
      ...(partnerId !== undefined && { partnerId }),
      detail: done.map(([name, value]) => `${name}: ${String(value)}`).join(', '),
    })
    const message = messages.appDecided(app, { suspended, environment: change.environment })
    if (message) await mail.tell(partnerId, message)
    res.sendStatus(204)
  })

  router.get(`${BASE}/audit`, async (req, res) => {
    res.json(await auditPage(audit, req, undefined))
  })
  router.get(`${BASE}/audit/export`, async (_req, res) => {
    res.type('application/x-ndjson').attachment('audit.jsonl')
    // Page by page, as fast as the caller reads, until the caller disconnects
    await pipeline(Readable.from(linesOf(audit)), res).catch(() => undefined)
  })
  return router
}

/** All entries, newest first, a line of JSON each. */
async function* linesOf(audit: AuditLog): AsyncGenerator<string> {
  let last: string | undefined
  do {
    const page = await audit.list(undefined, last)
    for (const entry of page) yield `${JSON.stringify(entry)}\n`
    last = page.at(-1)?.id
  } while (last !== undefined)
}
