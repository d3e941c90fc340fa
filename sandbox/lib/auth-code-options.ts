import * as v from 'valibot'
import { options } from 'civic-sip-server/http'
import type { PersonDescription } from './people.ts'

export interface AuthCodeOptions {
  /** Default: the sandbox's first app. */
  readonly appId?: string | undefined
  /** The test user who logs in: an id or name, or a description. Default: alice. */
  readonly user?: string | PersonDescription | undefined
  /** A CivicJS name or wire value. Default: BASIC_SIGNUP. */
  readonly scopeRequest?: string | undefined
  /** The page's origin, which the app must allow. Default: the app's first allowed domain. */
  readonly origin?: string | undefined
}

/** The options of `authCode`, from a program or over HTTP. */
export const AuthCodeWish = options({
  appId: v.optional(v.string('a text, the id of an app')),
  /** Validated with the descriptions of people. */
  user: v.optional(v.custom<string | PersonDescription>(() => true)),
  scopeRequest: v.optional(v.string('this is not a scope request')),
  origin: v.optional(v.string('a text, such as http://localhost:3000')),
})
