import { debuglog } from 'node:util'
import type { ExpectedClaims } from './token.ts'
import type { CivicError } from './errors.ts'

/** Prints where NODE_DEBUG names this package. No token, key, personal datum or remote text may reach it. */
export const debug = debuglog('passport-civic-sip')

/** What the failed check compared with, where that is the site's own configuration. */
export function expectation({ reason }: CivicError, claims: ExpectedClaims): string | undefined {
  if (reason === 'issuer' || reason === 'audience') return claims[reason]
  return reason === 'app' ? claims.subject : undefined
}
