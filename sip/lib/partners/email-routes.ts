import { Router } from 'express'
import { jsonBody } from '../http/http.ts'
import { read } from '../http/read.ts'
import { sourceOf } from '../http/source.ts'
import type { Access } from './access.ts'
import * as wire from './account-wire.ts'
import type { MemberEmails } from './member-emails.ts'

const PATH = '/dashboard/api/me/email'

/**
 * The address that an owner gets email at. `GET me` shows it.
 *
 * | call | body | response |
 * |---|---|---|
 * | `POST me/email` | `{ address }` | 202: a code was sent there |
 * | `PUT me/email` | `{ address, code }` | 204: confirmed |
 * | `DELETE me/email` | | 204 |
 */
export function emailRoutes(access: Access, emails: MemberEmails): Router {
  const router = Router()
  const json = jsonBody()

  router.post(PATH, json, async (req, res) => {
    const { address } = read(wire.NewEmail, req.body)
    await emails.ask(access.personOf(req), address, sourceOf(req))
    res.sendStatus(202)
  })
  router.put(PATH, json, async (req, res) => {
    const { address, code } = read(wire.ConfirmedEmail, req.body)
    await emails.confirm(access.personOf(req), address, code, sourceOf(req))
    res.sendStatus(204)
  })
  router.delete(PATH, async (req, res) => {
    await emails.remove(access.personOf(req))
    res.sendStatus(204)
  })
  return router
}
