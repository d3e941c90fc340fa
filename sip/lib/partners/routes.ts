import type { Ledger } from 'civic-attestations'
import { Router } from 'express'
import type { Request, RequestHandler } from 'express'
import type { Activity, ActivityLog } from './activity.ts'
import { stageOf } from '../apps/apps.ts'
import type { App, Apps, Credentials } from '../apps/apps.ts'
import type { TokenSigner } from '../exchange/tokens.ts'
import { HttpError, jsonBody } from '../http/http.ts'
import { read } from '../http/read.ts'
import type { Checks } from '../attester/checks.ts'
import { NAMING_LABELS } from '../attester/issued.ts'
import type { Issued } from '../attester/issued.ts'
import type { Issuer } from '../attester/issuer.ts'
import { sameOriginOnly } from '../http/safety.ts'
import { ScopeRequests, scopeLabels } from 'passport-civic-sip/user-data'
import type { AppRules } from '../apps/partner-apps.ts'
import type { Access } from './access.ts'
import { actOf } from './acts.ts'
import { check, checkOperator } from './person.ts'
import type { Person } from './person.ts'
import { can } from './roles.ts'
import type { Power } from './roles.ts'
import * as wire from './wire.ts'

/** A link to another site in the dashboard's navigation. */
export interface Link {
  readonly name: string
  readonly url: string
}

/** The name of the person with this extended key, or this userId at an app; undefined if unknown. */
export type OwnerOf = (
  known: { readonly xpub: string } | { readonly appId: string; readonly userId: string },
) => string | undefined

export interface DashboardParts {
  readonly apps: Apps
  readonly log: ActivityLog
  readonly issuer: Issuer
  /** How the attester proves each label. */
  readonly checks: Checks
  readonly ledger: Ledger
  /** Whether the ledger is private to this installation. */
  readonly isPrivateLedger: boolean
  /** The signing keys: the sites' `sipPublicKey`. */
  readonly tokens: Pick<TokenSigner, 'pubKeys'>
  readonly url: string
  readonly walletUrl: string
  /** Further links of the page. */
  readonly links: readonly Link[]
  readonly ownerOf: OwnerOf
  /** The access control. */
  readonly access: Access
  /** What is allowed without an operator. */
  readonly rules: AppRules
  /** Records what a person did to an app or to attestations. */
  readonly note: (person: Person, app: App | undefined, what: string, detail?: string) => Promise<void>
  /** The routes for people who are not logged in. */
  readonly open: readonly Router[]
  /** The routes for members and operators. */
  readonly closed: readonly Router[]
}

/**
 * The dashboard page's JSON API at `/dashboard/api`; errors are `{ statusCode, message }`. With partners' accounts: 401
 * without a session, 404 for another partner's objects, 403 if the member's role does not allow it, and 428 if the
 * member's wallet must approve first (`POST acts`).
 *
 * | call | body | answer |
 * |---|---|---|
 * | `GET settings` | | the server's address and key, and all scope requests |
 * | `GET apps` | | every app, no secrets |
 * | `POST apps` | `NewAppOptions` | 201: the app; `keys[0]` with its `appSecret` |
 * | `PATCH apps/{appId}` | `name`, `whitelist`, `scopes`, `returnPaths`, `logo` | the app |
 * | `DELETE apps/{appId}` | | 204 |
 * | `POST apps/{appId}/keys` | `{ pubKey }` | 201: new keys with their `appSecret`; the previous ones stay valid |
 * | `POST apps/{appId}/keys/{keyId}/reveal` | | these keys with their `appSecret` |
 * | `DELETE apps/{appId}/keys/{keyId}` | | 204: revoked |
 * | `PATCH apps/{appId}/keys/{keyId}` | `{ validFor }` | these keys, which end in that many seconds |
 * | `GET requests?app=` | | the 200 newest scope requests and failed calls, of one app or of all that there are for the caller, newest first |
 * | `GET requests/{id}` | | one of them |
 * | `GET requests/events` | | server-sent events, each one new or changed entry of `requests` |
 * | `GET attestations` | | the issued attestations, newest first |
 * | `POST attestations/revoke` | `{ txid, vout }` | 204: that anchor, and others of the same email or document |
 * | `POST attestations/revoke` | `{ label, value }` | `{ count }`: each anchor of that email, phone or document number
 * |
 */
export function dashboardRoutes(parts: DashboardParts): Router {
  const { apps, log, issuer, tokens, url, links, ownerOf, access, rules, note } = parts
  const router = Router()
  const json = jsonBody()
  const base = '/dashboard/api'
  router.use(base, sameOriginOnly)
  router.use(...parts.open, noRoutes)
  router.use(base, access.guard)
  router.use(...parts.closed, noRoutes)

  /** The app, if the caller may do this to it. */
  const reach = async (req: Request<{ appId: string }>, power: Power): Promise<[Person, App]> => {
    const person = access.personOf(req)
    const app = await apps.get(req.params.appId)
    check(person, power, app.partnerId, `there is no app ${JSON.stringify(app.appId)}`)
    return [person, app]
  }

  router.get(`${base}/settings`, (_req, res) => {
    const scopeRequests = Object.entries(ScopeRequests).map(([name, value]) => ({
      name,
      wire: value,
      labels: scopeLabels(value) ?? [],
      unattested: (scopeLabels(value) ?? []).filter((label) => !parts.checks[label]),
    }))
    const ledger = {
      url: `${url}/ledger`,
      network: parts.ledger.network,
      isEmbedded: parts.isPrivateLedger,
    }
    const [sipPublicKey = ''] = tokens.pubKeys
    const sipPublicKeys = [...tokens.pubKeys]
    const settings: wire.Settings = {
      ...{ url, api: `${url}/sip/`, sipPublicKey, sipPublicKeys, ledger, scopeRequests, links },
      ...{ walletUrl: parts.walletUrl, authorities: [...issuer.authorities] },
      hasAccounts: access.hasAccounts,
    }
    res.json(settings)
  })

  router.get(`${base}/apps`, async (req, res) => {
    const person = access.personOf(req)
    const visible = (await apps.list()).filter(({ partnerId }) => person.can('app.read', partnerId))
    res.json(visible.map(appView))
  })
  router.post(`${base}/apps`, json, async (req, res) => {
    const { partnerId: wanted, ...options } = read(wire.NewApp, req.body)
    const person = access.personOf(req)
    const partnerId = wanted ?? person.memberships.find(({ role }) => can(role, 'app.write'))?.partnerId
    check(person, 'app.write', partnerId, 'there is no such partner')
    const app = await rules.create(person, options, partnerId)
    const made: wire.MadeApp = { ...appView(app), keys: app.credentials.map(revealed) }
    res.status(201).json(made)
  })
  router.patch(`${base}/apps/:appId`, json, async (req, res) => {
    const [person, app] = await reach(req, 'app.write')
    res.json(appView(await rules.update(person, app, read(wire.AppChange, req.body))))
  })
  router.delete(`${base}/apps/:appId`, async (req, res) => {
    const [person, app] = await reach(req, 'app.delete')
    await access.checkApproved(req, actOf('delete', app.appId))
    await rules.remove(person, app)
    await log.forget(app.appId)
    res.sendStatus(204)
  })
  router.post(`${base}/apps/:appId/keys`, json, async (req, res) => {
    const [person, app] = await reach(req, 'app.keys')
    const { pubKey } = read(wire.NewKeys, req.body)
    await access.checkApproved(req, actOf('rotate', app.appId))
    res.status(201).json(revealed(await rules.rotate(person, app, pubKey)))
  })
  router.post(`${base}/apps/:appId/keys/:keyId/reveal`, async (req, res) => {
    const { keyId } = req.params
    const [person, app] = await reach(req, 'app.keys')
    const credentials = app.credentials.find((other) => other.keyId === keyId)
    if (!credentials) throw new HttpError(404, 'the app has no such keys')
    await access.checkApproved(req, actOf('reveal', app.appId, keyId))
    await note(person, app, 'secret.shown', keyId)
    res.json(revealed(credentials))
  })
  router.delete(`${base}/apps/:appId/keys/:keyId`, async (req, res) => {
    const { keyId } = req.params
    const [person, app] = await reach(req, 'app.keys')
    await access.checkApproved(req, actOf('revoke', app.appId, keyId))
    await rules.revoke(person, app, keyId)
    res.sendStatus(204)
  })
  router.patch(`${base}/apps/:appId/keys/:keyId`, json, async (req, res) => {
    const { keyId } = req.params
    const [person, app] = await reach(req, 'app.keys')
    const { validFor } = read(wire.GracePeriod, req.body)
    await access.checkApproved(req, actOf('revoke', app.appId, keyId))
    res.json(shown(await rules.revokeLater(person, app, keyId, validFor)))
  })

  /** Adds the person who logged in, if known. */
  const activityView = (entry: Activity): wire.Activity => {
    const { appId, userId } = entry
    const person = userId === undefined ? undefined : ownerOf({ appId, userId })
    return { ...entry, ...(person !== undefined && { person }) }
  }
  /**
   * Whether a person may see an activity: it belongs to one of their apps. On an open server, everybody sees those
   * without an app.
   */
  const isSeenBy = async (person: Person, { appId }: Activity): Promise<boolean> =>
    person.can('requests', access.hasAccounts ? (await apps.find(appId))?.partnerId : undefined)
  router.get(`${base}/requests`, async (req, res) => {
    const { app: wanted } = req.query
    const person = access.personOf(req)
    const visible = (await apps.list())
      .filter(({ partnerId }) => person.can('requests', partnerId))
      .map(({ appId }) => appId)
    const isAll = !access.hasAccounts && wanted === undefined
    const listed = visible.filter((appId) => wanted === undefined || appId === wanted)
    res.json((await log.list(isAll ? undefined : listed)).map(activityView))
  })
  router.get(`${base}/requests/events`, (req, res) => {
    // A person who is logged out, or no longer a member, gets nothing more
    const send = async (entry: Activity): Promise<void> => {
      const person = await access.again(req)
      if (!person) res.end()
      else if (await isSeenBy(person, entry)) res.write(`data: ${JSON.stringify(activityView(entry))}\n\n`)
    }
    let sent: Promise<unknown> = Promise.resolve()
    const inOrder = (entry: Activity): void => {
      sent = sent.then(() => send(entry)).catch(() => res.end())
    }
    res.type('text/event-stream').flushHeaders()
    res.once('close', log.watch(inOrder))
  })
  router.get(`${base}/requests/:id`, async (req, res) => {
    const entry = await log.find(req.params.id)
    if (!entry || !(await isSeenBy(access.personOf(req), entry)))
      throw new HttpError(404, 'there is no such request among the most recent ones')
    res.json(activityView(entry))
  })

  // Attestations belong to people, not to a partner
  router.use(`${base}/attestations`, (req, _res, next) => {
    checkOperator(access.personOf(req))
    next()
  })
  router.get(`${base}/attestations`, async (_req, res) => {
    res.json((await issuer.list()).map((entry) => issuedView(entry, ownerOf(entry))))
  })
  router.post(`${base}/attestations/revoke`, json, async (req, res) => {
    const wanted = read(wire.Revocation, req.body)
    // Before it is done: a crash, or a revocation of a part, must not leave it out
    await note(access.personOf(req), undefined, ...entryOf(wanted))
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

/** The entry in the audit log. It has no text that may be of a person. */
function entryOf(wanted: wire.Revocation): [what: string, detail: string | undefined] {
  if ('label' in wanted)
    return ['attestations.revoked', NAMING_LABELS.find((label) => label === wanted.label)]
  const { txid, vout } = wanted
  return ['attestation.revoked', /^[0-9a-f]{64}$/.test(txid) ? `${txid}:${vout}` : undefined]
}

/** Express accepts no empty list of routers. */
const noRoutes: RequestHandler = (_req, _res, next) => next()

function appView(app: App): wire.App {
  const { appId, name, environment, whitelist, scopes, credentials } = app
  const { partnerId, isSuspended, returnPaths, logo = '', firstLoginAt } = app
  return {
    ...{ appId, name, environment, stage: stageOf(app), whitelist, scopes },
    keys: credentials.map(shown),
    ...(returnPaths && { returnPaths }),
    ...(logo !== '' && { logo }),
    ...(partnerId !== undefined && { partnerId }),
    ...(isSuspended !== undefined && { isSuspended }),
    ...(firstLoginAt !== undefined && { firstLoginAt }),
  }
}

function issuedView(entry: Issued, person: string | undefined): wire.Issued {
  const { txid, vout, set, labels, xpub, publicKey, issuedAt, revoked } = entry
  const owner = person === undefined ? {} : { person }
  return { txid, vout, set, labels, xpub, publicKey, ...owner, issuedAt, revoked }
}

function shown({ appSecret: _secret, ...keys }: Credentials): wire.Keys {
  return keys
}

function revealed(credentials: Credentials): wire.RevealedKeys {
  return { ...credentials }
}
