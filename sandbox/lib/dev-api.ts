import { Router } from 'express'
import { jsonBody, onlyMethod, sameOriginOnly } from 'civic-sip-server/http'
import type { AuthCodeOptions } from './sandbox.ts'

/**
 * `POST /dev/authCode` `{ appId?, user?, scopeRequest? }` → `{ authToken }`: `sandbox.authCode()` for those who
 * have no hold of the sandbox object, with curl or from another language.
 */
export function devRoutes(authCode: (options: AuthCodeOptions) => Promise<string>): Router {
  const router = Router()
  router
    .route('/dev/authCode')
    .post(sameOriginOnly, jsonBody(), async (req, res) => {
      res.json({ authToken: await authCode(req.body as AuthCodeOptions) })
    })
    .all(onlyMethod('POST'))
  return router
}
