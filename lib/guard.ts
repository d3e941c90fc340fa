import { CivicError } from './errors.ts'
import { crossOrigin } from './origin.ts'
import type { AnyRequest, FrameworkRequest, OriginCheck } from './origin.ts'

/** What Passport passes on of `authenticate`'s and `authorize`'s options, as far as it matters here. */
export interface AuthenticateOptions {
  /** Set by `passport.authorize`: the request links an identity to somebody who is logged in. */
  assignProperty?: string
  userProperty?: string
}

/**
 * May this request log somebody in, or link an identity? Linking an attacker's identity is account take-over, so there
 * the origin check is strict and cannot be turned off.
 *
 * @returns the error to refuse it with: `CIVIC_CROSS_ORIGIN` or `CIVIC_LINK_REFUSED`
 * @throws TypeError for a request that cannot be read
 */
export function guard(
  req: AnyRequest,
  options: AuthenticateOptions,
  { originCheck, trustedOrigins }: { originCheck: OriginCheck; trustedOrigins: ReadonlySet<string> },
): CivicError | undefined {
  const user = loggedInUser(req, options)
  const isLinking = options.assignProperty !== undefined || Boolean(user)
  const refusal = crossOrigin(req, isLinking ? 'strict' : originCheck, trustedOrigins)
  if (refusal || !isLinking || user) return refusal
  return new CivicError(
    'CIVIC_LINK_REFUSED',
    'Log in first: an identity is linked to the account that is logged in',
  )
}

/**
 * The person who is logged in already: under the name that `passport.initialize` was given, or the one that
 * `authenticate` was given, which Passport itself never reads there.
 */
function loggedInUser(
  req: FrameworkRequest & { _userProperty?: string },
  { userProperty }: AuthenticateOptions,
): unknown {
  const { _userProperty: named = 'user', ctx } = req
  // Koa keeps people in its context's state, which the request of koa-passport's authorize does not show
  for (const place of [req, ctx?.state] as (Record<string, unknown> | undefined)[]) {
    const user = place?.[named] || (userProperty !== undefined && place?.[userProperty])
    if (user) return user
  }
  return undefined
}
