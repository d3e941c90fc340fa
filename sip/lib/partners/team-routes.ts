import { Router } from 'express'
import type { Request } from 'express'
import { HttpError, jsonBody } from '../http/http.ts'
import { read } from '../http/read.ts'
import type { Invite, Role } from '../store/partner-stores.ts'
import type { Access } from './access.ts'
import * as wire from './account-wire.ts'
import type { Accounts } from './accounts.ts'
import type { AuditLog } from './audit.ts'
import type { MakeChanges } from './changes.ts'
import { check, knows } from './person.ts'
import type { Person } from './person.ts'
import { rolesOf } from './roles.ts'

export interface TeamParts {
  readonly access: Access
  readonly accounts: Accounts
  readonly audit: AuditLog
  readonly change: MakeChanges
}

const BASE = '/dashboard/api/partners/:partnerId'
const MISSING = 'there is no such partner'

/**
 * The routes for a partner's people, or for the operators, as the partner `operators`.
 *
 * | call | body | response |
 * |---|---|---|
 * | `GET partners/{partnerId}/team` | | members, and open invites |
 * | `POST partners/{partnerId}/invites` | `{ role }` | 201: the invite with its link, which is shown only once |
 * | `DELETE partners/{partnerId}/invites/{id}` | | 204: withdrawn |
 * | `PATCH partners/{partnerId}/team/{userId}` | `{ role }` | 204 |
 * | `DELETE partners/{partnerId}/team/{userId}` | | 204: left, or removed |
 * | `GET partners/{partnerId}/audit?before=` | | its members' entries, newest first |
 */
export function teamRoutes({ access, accounts, audit, change }: TeamParts): Router {
  const router = Router()
  const json = jsonBody()

  router.get(`${BASE}/team`, async (req, res) => {
    const { partnerId } = req.params
    const person = access.personOf(req)
    if (!person.memberships.some((member) => member.partnerId === partnerId) && !canLead(person, partnerId))
      throw new HttpError(404, MISSING)
    const canChange = canLead(person, partnerId)
    const members = await accounts.members(partnerId)
    const invites = canChange ? await accounts.invites(partnerId) : []
    const team: wire.Team = {
      members: members.map(({ userId, name, role, joinedAt }) => ({
        ...{ userId, name, role, joinedAt },
        isMe: userId === person.userId,
      })),
      invites: invites.map(inviteView),
      roles: rolesOf(partnerId),
      canChange,
    }
    res.json(team)
  })
  router.post(`${BASE}/invites`, json, async (req, res) => {
    const { partnerId, person } = led(req)
    const role = roleAt(partnerId, read(wire.NewRole, req.body).role)
    const { link, invite } = await change(async ({ accounts, audit }) => {
      const made = await accounts.invite(partnerId, role)
      await audit.note(person, { what: 'member.invited', partnerId, detail: `as ${role}` })
      return made
    })
    const made: wire.MadeInvite = { ...inviteView(invite), link }
    res.status(201).json(made)
  })
  router.delete(`${BASE}/invites/:id`, async (req, res) => {
    const { partnerId, person } = led(req)
    await change(async ({ accounts, audit }) => {
      await accounts.withdraw(partnerId, req.params.id)
      await audit.note(person, { what: 'invite.withdrawn', partnerId })
    })
    res.sendStatus(204)
  })
  router.patch(`${BASE}/team/:userId`, json, async (req, res) => {
    const { partnerId, person } = led(req)
    const { role } = read(wire.NewRole, req.body)
    await change(async ({ accounts, audit }) => {
      const name = await accounts.change(partnerId, req.params.userId, role)
      await audit.note(person, { what: 'member.changed', partnerId, detail: `${name} is ${role} now` })
    })
    res.sendStatus(204)
  })
  router.delete(`${BASE}/team/:userId`, async (req, res) => {
    const { partnerId, userId } = req.params
    const person = access.personOf(req)
    // Everybody may leave
    const isSelf = person.userId === userId && person.memberships.some((one) => one.partnerId === partnerId)
    if (!isSelf) led(req)
    const what = isSelf ? 'member.left' : 'member.removed'
    await change(async ({ accounts, audit }) => {
      const name = await accounts.change(partnerId, userId, undefined)
      await audit.note(person, { what, partnerId, detail: name })
    })
    res.sendStatus(204)
  })
  router.get(`${BASE}/audit`, async (req, res) => {
    const { partnerId } = req.params
    check(access.personOf(req), 'audit', partnerId, MISSING)
    res.json(await auditPage(audit, req, partnerId))
  })
  return router

  /** @throws HttpError unless the caller leads the partner */
  function led(req: Request<{ partnerId: string }>): { partnerId: string; person: Person } {
    const { partnerId } = req.params
    const person = access.personOf(req)
    if (!knows(person, partnerId)) throw new HttpError(404, MISSING)
    check(person, 'team', partnerId, MISSING)
    return { partnerId, person }
  }
}

function canLead(person: Person, partnerId: string): boolean {
  return person.can('team', partnerId)
}

/** @throws HttpError 400 for a role that this partner does not have */
function roleAt(partnerId: string, role: Role): Role {
  if (!rolesOf(partnerId).includes(role))
    throw new HttpError(400, `role: one of ${rolesOf(partnerId).join(', ')}`)
  return role
}

function inviteView({ id, role, createdAt, expiresAt }: Invite): wire.Invite {
  return { id, role, createdAt, expiresAt }
}

/** A page of the audit log, starting after the entry in `?before=`. */
export async function auditPage(
  audit: AuditLog,
  req: Pick<Request, 'query'>,
  partnerId: string | undefined,
): Promise<wire.AuditEntry[]> {
  const { before } = req.query
  const last = typeof before === 'string' && /^\d{1,15}$/.test(before) ? before : undefined
  const entries = await audit.list(partnerId, last)
  return entries.map(({ userId: _private, ...entry }) => entry)
}
