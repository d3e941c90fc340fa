import { CivicError } from './errors.ts'
import { crossOrigin } from './origin.ts'
import type { AnyRequest, FrameworkRequest, OriginCheck } from './origin.ts'

/** The parts of `authenticate`'s and `authorize`'s options that are used. */
export interface AuthenticateOptions {
  /** Set by `passport.authorize`: the request links an identity to the logged-in person. */
  assignProperty?: string
  userProperty?: string
}

/**
 * Checks whether this request may log a person in, or link an identity. Linking an attacker's identity is an account
 * takeover, so for linking, the origin check is strict and cannot be turned off.
 *
 * @returns the refusal, `CIVIC_CROSS_ORIGIN` or `CIVIC_LINK_REFUSED`; undefined if it may
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
 * The person who is logged in already, under the property name from `passport.initialize` or from `authenticate`.
 * Passport itself never reads the latter there.
 */
function loggedInUser(
  req: FrameworkRequest & { _userProperty?: string },
  { userProperty }: AuthenticateOptions,
): unknown {
  const { _userProperty: named = 'user', ctx } = req
  // Koa keeps the person in its context's state, which koa-passport's request for authorize does not show
  for (const place of [req, ctx?.state] as (Record<string, unknown> | undefined)[]) {
    const user = place?.[named] || (userProperty !== undefined && place?.[userProperty])
    if (user) return user
  }
  return undefined
}
