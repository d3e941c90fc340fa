import type { Ledger } from 'civic-attestations'
import { Router } from 'express'
import type { Activity, ActivityLog } from './activity.ts'
import { stageOf } from '../apps/apps.ts'
import type { App, Apps, Credentials } from '../apps/apps.ts'
import type { TokenSigner } from '../exchange/tokens.ts'
import { HttpError, jsonBody } from '../http/http.ts'
import { read } from '../http/read.ts'
import type { Issued } from '../attester/issued.ts'
import type { Issuer } from '../attester/issuer.ts'
import { sameOriginOnly } from '../http/safety.ts'
import { ScopeRequests, scopeLabels } from 'passport-civic-sip/user-data'
import * as wire from './wire.ts'

/** A page of somebody else, in the dashboard's navigation. */
export interface Link {
  readonly name: string
  readonly url: string
}

/** The name of the person whose extended key, or userId at an app, it is; undefined where that is not known. */
export type OwnerOf = (
  known: { readonly xpub: string } | { readonly appId: string; readonly userId: string },
) => string | undefined

export interface DashboardParts {
  readonly apps: Apps
  readonly log: ActivityLog
  readonly issuer: Issuer
  readonly ledger: Ledger
  /** Whether the ledger is a private one, of this installation alone. */
  readonly isPrivateLedger: boolean
  /** Which keys sign: the sites' `sipPublicKey`. */
  readonly tokens: Pick<TokenSigner, 'pubKeys'>
  readonly url: string
  /** What else the page links. */
  readonly links: readonly Link[]
  readonly ownerOf: OwnerOf
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
 * | `GET requests/{id}` | | one of them |
 * | `GET requests/events` | | server-sent events, each one new or changed entry of `requests` |
 * | `GET attestations` | | what was issued, newest first |
 * | `POST attestations/revoke` | `{ txid, vout }` | 204: that anchor, and others of the same email or document |
 * | `POST attestations/revoke` | `{ label, value }` | `{ count }`: each anchor of that email, phone or document number |
 */
export function dashboardRoutes(parts: DashboardParts): Router {
  const { apps, log, issuer, tokens, url, links, ownerOf } = parts
  const router = Router()
  const json = jsonBody()
  const base = '/dashboard/api'
  router.use(base, sameOriginOnly)

  router.get(`${base}/settings`, (_req, res) => {
    const scopeRequests = Object.entries(ScopeRequests).map(([name, value]) => ({
      name,
      wire: value,
      labels: scopeLabels(value) ?? [],
    }))
    const ledger = {
      url: `${url}/ledger`,
      network: parts.ledger.network,
      isEmbedded: parts.isPrivateLedger,
    }
    const [sipPublicKey = ''] = tokens.pubKeys
    const settings: wire.Settings = {
      url,
      api: `${url}/sip/`,
      sipPublicKey,
      sipPublicKeys: [...tokens.pubKeys],
      ledger,
      scopeRequests,
      links,
    }
    res.json(settings)
  })

  router.get(`${base}/apps`, async (_req, res) => {
    res.json((await apps.list()).map(appView))
  })
  router.post(`${base}/apps`, json, async (req, res) => {
    const app = await apps.create(read(wire.NewApp, req.body))
    const made: wire.MadeApp = { ...appView(app), keys: app.credentials.map(revealed) }
    res.status(201).json(made)
  })
  router.patch(`${base}/apps/:appId`, json, async (req, res) => {
    res.json(appView(await apps.update(req.params.appId, read(wire.AppChange, req.body))))
  })
  router.delete(`${base}/apps/:appId`, async (req, res) => {
    await apps.remove(req.params.appId)
    res.sendStatus(204)
  })
  router.post(`${base}/apps/:appId/keys`, json, async (req, res) => {
    const { pubKey } = read(wire.NewKeys, req.body)
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

  /** With who logged in, where that is known. */
  const activityView = (entry: Activity): wire.Activity => {
    const { appId, userId } = entry
    const person = userId === undefined ? undefined : ownerOf({ appId, userId })
    return { ...entry, ...(person !== undefined && { person }) }
  }
  router.get(`${base}/requests`, async (_req, res) => {
    res.json((await log.list()).map(activityView))
  })
  router.get(`${base}/requests/events`, (_req, res) => {
    const send = (entry: Activity): void => void res.write(`data: ${JSON.stringify(activityView(entry))}\n\n`)
    res.type('text/event-stream').flushHeaders()
    res.once('close', log.watch(send))
  })
  router.get(`${base}/requests/:id`, async (req, res) => {
    const entry = await log.find(req.params.id)
    if (!entry) throw new HttpError(404, 'there is no such request among the last ones')
    res.json(activityView(entry))
  })

  router.get(`${base}/attestations`, async (_req, res) => {
    res.json((await issuer.list()).map((entry) => issuedView(entry, ownerOf(entry))))
  })
  router.post(`${base}/attestations/revoke`, json, async (req, res) => {
    const wanted = read(wire.Revocation, req.body)
    if ('label' in wanted) {
      const revoked: wire.Revoked = { count: await issuer.revokeMatching(wanted.label, wanted.value) }
      res.json(revoked)
      return
    }
    await issuer.revoke(wanted)
    res.sendStatus(204)
  })
  return router
}

function appView(app: App): wire.App {
  const { appId, name, environment, whitelist, scopes, credentials } = app
  return { appId, name, environment, stage: stageOf(app), whitelist, scopes, keys: credentials.map(shown) }
}

function issuedView(entry: Issued, person: string | undefined): wire.Issued {
  const { txid, vout, set, labels, xpub, publicKey, issuedAt, revoked } = entry
  const owner = person === undefined ? {} : { person }
  return { txid, vout, set, labels, xpub, publicKey, ...owner, issuedAt, revoked }
}

function shown({ keyId, pubKey, createdAt }: Credentials): wire.Keys {
  return { keyId, pubKey, createdAt }
}

function revealed(credentials: Credentials): wire.RevealedKeys {
  return { ...shown(credentials), appSecret: credentials.appSecret }
}
