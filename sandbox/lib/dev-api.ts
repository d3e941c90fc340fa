import { Router } from 'express'
import { jsonBody, onlyMethod, read, sameOriginOnly } from 'civic-sip-server/http'
import { AuthCodeWish } from './auth-code-options.ts'
import type { AuthCodeOptions } from './auth-code-options.ts'
import type { Token } from './wire.ts'

/**
 * `POST /dev/authCode` `{ appId?, user?, scopeRequest?, origin? }` → `{ authToken }`: `sandbox.authCode()` for curl and
 * for other languages.
 */
export function devRoutes(authCode: (options: AuthCodeOptions) => Promise<string>): Router {
  const router = Router()
  router
    .route('/dev/authCode')
    .post(sameOriginOnly, jsonBody(), async (req, res) => {
      const token: Token = { authToken: await authCode(read(AuthCodeWish, req.body)) }
      res.json(token)
    })
    .all(onlyMethod('POST'))
  return router
}
