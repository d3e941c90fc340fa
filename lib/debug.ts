import { debuglog } from 'node:util'
import type { ExpectedClaims } from './token.ts'
import type { CivicError } from './errors.ts'

/** Prints if NODE_DEBUG names this package. Never pass it a token, key, personal datum or remote text. */
export const debug = debuglog('passport-civic-sip')

/** The value that the failed check compared with, if it is from the site's configuration. */
export function expectation({ reason }: CivicError, claims: ExpectedClaims): string | undefined {
  if (reason === 'issuer' || reason === 'audience') return claims[reason]
  return reason === 'app' ? claims.subject : undefined
}
