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
import type { AuditLog } from './audit.ts'
import type { Changes, MakeChanges } from './changes.ts'
import type { OwnerMessages } from './owner-messages.ts'
import { checkOperator } from './person.ts'
import { auditPage } from './team-routes.ts'

export interface OperatorParts {
  readonly access: Access
  readonly apps: Apps
  readonly audit: AuditLog
  readonly partners: PartnerStore
  readonly reviews: Reviews
  readonly change: MakeChanges
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
  const { access, apps, audit, partners, reviews, change, messages } = parts
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
    const { link, invite } = await change(async ({ accounts, audit }) => {
      const made = await accounts.invite(undefined, 'OWNER')
      await audit.note(access.personOf(req), { what: 'partner.invited' })
      return made
    })
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
    const what = decision.approve ? 'review.approved' : 'review.refused'
    const alongside = async ({ audit, mail }: Changes): Promise<void> => {
      await audit.note(access.personOf(req), { what, ...of })
      await mail.tell(partnerId, messages.reviewDecided(app, decision.approve))
    }
    await (decision.approve
      ? reviews.approve(appId, decision.askedAt, alongside)
      : reviews.refuse(appId, decision.askedAt, decision.reason, alongside))
    res.sendStatus(204)
  })

  router.patch(`${BASE}/apps/:appId`, json, async (req, res) => {
    const { appId } = req.params
    const { suspended, ...others } = read(wire.OperatorChange, req.body)
    await change(async ({ apps, audit, mail }) => {
      const app = await apps.get(appId)
      const { partnerId } = app
      await apps.decide(appId, { ...others, isSuspended: suspended })
      const done = Object.entries({ suspended, ...others }).filter(([, value]) => value !== undefined)
      await audit.note(access.personOf(req), {
        what: 'app.decided',
        appId,
        ...(partnerId !== undefined && { partnerId }),
        detail: done.map(([name, value]) => `${name}: ${String(value)}`).join(', '),
      })
      const message = messages.appDecided(app, { suspended, environment: others.environment })
      if (message) await mail.tell(partnerId, message)
    })
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
