import type { Ledger } from 'civic-attestations'
import { Router } from 'express'
import type { Activity, ActivityLog } from './activity.ts'
import { stageOf } from '../apps/apps.ts'
import type { App, AppOptions, Apps, Credentials, NewAppOptions } from '../apps/apps.ts'
import { HttpError, jsonBody } from '../http/http.ts'
import type { Issued } from '../attester/issued.ts'
import type { Issuer } from '../attester/issuer.ts'
import { sameOriginOnly } from '../http/safety.ts'
import { ScopeRequests, scopeLabels } from 'passport-civic-sip/user-data'

/** A page of somebody else, in the dashboard's navigation. */
export interface Link {
  readonly name: string
  readonly url: string
}

export interface DashboardParts {
  readonly apps: Apps
  readonly log: ActivityLog
  readonly issuer: Issuer
  readonly ledger: Ledger
  /** Whether the ledger is a private one, of this installation alone. */
  readonly isPrivateLedger: boolean
  readonly sipPublicKey: string
  readonly url: string
  /** What else the page links. */
  readonly links: readonly Link[]
}

/**
 * What the dashboard page calls, all under `/dashboard/api`, all JSON; errors are `{ statusCode, message }`.
 *
 * | call | body | answer |
 * |---|---|---|
 * | `GET settings` | | where the server is, its key, the scope requests there are |
 * | `GET apps` | | every app, no secrets |
 * | `POST apps` | `NewAppOptions` | 201: the app; `keys[0]` with its `appSecret` |
 * | `PATCH apps/{appId}` | `name`, `whitelist`, `scopes` | the app |
 * | `DELETE apps/{appId}` | | 204 |
 * | `POST apps/{appId}/keys` | `{ pubKey }` | 201: new keys with their `appSecret`; the ones before stay valid |
 * | `POST apps/{appId}/keys/{keyId}/reveal` | | these keys with their `appSecret` |
 * | `DELETE apps/{appId}/keys/{keyId}` | | 204: revoked |
 * | `GET requests` | | the recent scope requests and failed calls, newest first |
 * | `GET requests/events` | | server-sent events, each one new or changed entry of `requests` |
 * | `GET attestations` | | what was issued, newest first |
 * | `POST attestations/revoke` | `{ txid, vout }` | 204: that anchor, and others of the same email or document |
 * | `POST attestations/revoke` | `{ label, value }` | `{ count }`: each anchor of that email, phone or document number |
 */
export function dashboardRoutes(parts: DashboardParts): Router {
  const { apps, log, issuer, sipPublicKey, url, links } = parts
  const router = Router()
  const json = jsonBody()
  const base = '/dashboard/api'
  router.use(base, sameOriginOnly)

  router.get(`${base}/settings`, (_req, res) => {
    const scopeRequests = Object.entries(ScopeRequests).map(([name, wire]) => ({
      name,
      wire,
      labels: scopeLabels(wire),
    }))
    const ledger = {
      url: `${url}/ledger`,
      network: parts.ledger.network,
      isEmbedded: parts.isPrivateLedger,
    }
    res.json({ url, api: `${url}/sip/`, sipPublicKey, ledger, scopeRequests, links })
  })

  router.get(`${base}/apps`, async (_req, res) => {
    res.json((await apps.list()).map(appView))
  })
  router.post(`${base}/apps`, json, async (req, res) => {
    const app = await apps.create(req.body as NewAppOptions)
    res.status(201).json({ ...appView(app), keys: app.credentials.map(revealed) })
  })
  router.patch(`${base}/apps/:appId`, json, async (req, res) => {
    res.json(appView(await apps.update(req.params.appId, req.body as Partial<AppOptions>)))
  })
  router.delete(`${base}/apps/:appId`, async (req, res) => {
    await apps.remove(req.params.appId)
    res.sendStatus(204)
  })
  router.post(`${base}/apps/:appId/keys`, json, async (req, res) => {
    const { pubKey } = req.body as Record<string, unknown>
    res.status(201).json(revealed(await apps.rotate(req.params.appId, pubKey)))
  })
  router.post(`${base}/apps/:appId/keys/:keyId/reveal`, async (req, res) => {
    const { appId, keyId } = req.params
    const credentials = (await apps.get(appId)).credentials.find((other) => other.keyId === keyId)
    if (!credentials) throw new HttpError(404, 'the app has no such keys')
    res.json(revealed(credentials))
  })
  router.delete(`${base}/apps/:appId/keys/:keyId`, async (req, res) => {
    await apps.revoke(req.params.appId, req.params.keyId)
    res.sendStatus(204)
  })

  router.get(`${base}/requests`, async (_req, res) => {
    res.json(await log.list())
  })
  router.get(`${base}/requests/events`, (_req, res) => {
    const send = (entry: Activity): void => void res.write(`data: ${JSON.stringify(entry)}\n\n`)
    res.type('text/event-stream').flushHeaders()
    res.once('close', log.watch(send))
  })

  router.get(`${base}/attestations`, async (_req, res) => {
    res.json((await issuer.list()).map(issuedView))
  })
  router.post(`${base}/attestations/revoke`, json, async (req, res) => {
    const { label, value, ...anchor } = req.body as Record<string, unknown>
    if (typeof label === 'string' && typeof value === 'string') {
      res.json({ count: await issuer.revokeMatching(label, value) })
      return
    }
    await issuer.revoke(anchor as { txid: string; vout: number })
    res.sendStatus(204)
  })
  return router
}

function appView(app: App): object {
  const { appId, name, environment, whitelist, scopes, credentials } = app
  return { appId, name, environment, stage: stageOf(app), whitelist, scopes, keys: credentials.map(shown) }
}

function issuedView({ txid, vout, set, labels, xpub, issuedAt, revoked }: Issued): object {
  return { txid, vout, set, labels, xpub, issuedAt, revoked }
}

function shown({ keyId, pubKey, createdAt }: Credentials): object {
  return { keyId, pubKey, createdAt }
}

function revealed(credentials: Credentials): object {
  return { ...shown(credentials), appSecret: credentials.appSecret }
}
