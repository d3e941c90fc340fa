import { Router } from 'express'
import type { Apps } from '../apps/apps.ts'
import { HttpError, jsonBody } from '../http/http.ts'
import { read } from '../http/read.ts'
import type { MemberAccess } from './access.ts'
import * as wire from './account-wire.ts'
import type { Accounts } from './accounts.ts'
import { actOf, descriptionOf, POWER_FOR } from './acts.ts'
import type { MakeChanges } from './changes.ts'
import { check, homeOf } from './person.ts'
import type { MemberEmails } from './member-emails.ts'
import type { Sessions } from './sessions.ts'
import type { WalletLogin } from './wallet-login.ts'

export interface AccountParts {
  readonly access: MemberAccess
  readonly accounts: Accounts
  readonly sessions: Sessions
  readonly login: WalletLogin
  readonly change: MakeChanges
  readonly apps: Apps
  readonly emails: MemberEmails
}

const BASE = '/dashboard/api'

/**
 * The routes with which people log in to the dashboard, and join. `uuid` and the members with it come from CivicJS. 403
 * means that the wallet's code is wrong and may be typed again; other refusals have other statuses.
 *
 * | call | body | response |
 * |---|---|---|
 * | `POST login` | `{ uuid, confirm?, responseCode? }` | 204, with a session |
 * | `POST join/offer` | `{ token }` | the invite's offer; does not spend it |
 * | `POST join` | `{ token, name, partnerName?, uuid, … }` | 204, with a session; the invite is spent |
 */
export function loginRoutes({ accounts, sessions, login, change }: AccountParts): Router {
  const router = Router()
  const json = jsonBody()

  router.post(`${BASE}/login`, json, async (req, res) => {
    const userId = await login.userIdOf(req)
    const person = await accounts.person(userId)
    if (person.memberships.length === 0)
      throw new HttpError(404, 'this wallet belongs to no member: open the link of an invite first')
    const session = await change(async ({ sessions, audit }) => {
      const begun = await sessions.begin(req, userId)
      await audit.note(person, { what: 'session.began', ...homeOf(person) })
      return begun
    })
    sessions.keep(res, session)
    res.sendStatus(204)
  })
  router.post(`${BASE}/join/offer`, json, async (req, res) => {
    const offer: wire.Offer = await accounts.offer(read(wire.Token, req.body).token)
    res.json(offer)
  })
  router.post(`${BASE}/join`, json, async (req, res) => {
    const joining = read(wire.Joining, req.body)
    // Checked before the wallet's response, which can be used once
    await accounts.offer(joining.token)
    const userId = await login.userIdOf(req)
    const session = await change(async ({ accounts, sessions, audit }) => {
      const { partnerId, role } = await accounts.join(userId, joining)
      const person = await accounts.person(userId)
      await audit.note(person, { what: 'member.joined', partnerId, detail: `as ${role}` })
      return sessions.begin(req, userId)
    })
    sessions.keep(res, session)
    res.sendStatus(204)
  })
  return router
}

/**
 * The routes for a person's session.
 *
 * | call | body | response |
 * |---|---|---|
 * | `GET me` | | the person, and their memberships |
 * | `POST logout` | | 204 |
 * | `POST acts` | `{ act, appId, keyId? }` | 204: the next request to the wallet asks to approve this act |
 * | `POST acts/approve` | `{ uuid, confirm?, responseCode? }` | 204: the act is allowed for five minutes |
 */
export function sessionRoutes({ access, sessions, login, apps, emails }: AccountParts): Router {
  const router = Router()
  const json = jsonBody()

  router.get(`${BASE}/me`, async (req, res) => {
    const person = access.personOf(req)
    const { userId = '', isOperator, memberships } = person
    const email = await emails.of(person)
    const me: wire.Me = {
      ...(email && { email }),
      userId,
      isOperator,
      memberships: memberships.map(({ partnerId, partnerName, name, role }) => ({
        partnerId,
        partnerName,
        name,
        role,
      })),
    }
    res.json(me)
  })
  router.post(`${BASE}/logout`, async (req, res) => {
    await sessions.end(req, res)
    res.sendStatus(204)
  })
  router.post(`${BASE}/acts`, json, async (req, res) => {
    const { act, appId, keyId } = read(wire.Act, req.body)
    const app = await apps.get(appId)
    check(access.personOf(req), POWER_FOR[act], app.partnerId, `there is no app ${JSON.stringify(appId)}`)
    const isOfKeys = act === 'reveal' || act === 'revoke'
    if (isOfKeys && !app.credentials.some((keys) => keys.keyId === keyId))
      throw new HttpError(404, 'the app has no such keys')
    const description = descriptionOf(act, app, keyId)
    const what = actOf(act, appId, isOfKeys ? keyId : '')
    await sessions.ask(access.sessionOf(req), { what, description })
    res.sendStatus(204)
  })
  router.post(`${BASE}/acts/approve`, json, async (req, res) => {
    const { uuid } = read(wire.Approved, req.body)
    const session = access.sessionOf(req)
    const userId = await login.userIdOf(req)
    if (userId !== session.userId) throw new HttpError(409, 'this is not the wallet that you logged in with')
    if (!(await sessions.approve(session, userId, uuid)))
      throw new HttpError(409, 'your wallet approved something else: start again')
    res.sendStatus(204)
  })
  return router
}
