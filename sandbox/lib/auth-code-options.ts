import * as v from 'valibot'
import { options } from 'civic-sip-server/http'
import type { PersonDescription } from './people.ts'

export interface AuthCodeOptions {
  /** Default: the app that is there from the start. */
  readonly appId?: string | undefined
  /** The test user who logs in: an id or name, or a description. Default: alice. */
  readonly user?: string | PersonDescription | undefined
  /** CivicJS name or wire value. Default: BASIC_SIGNUP. */
  readonly scopeRequest?: string | undefined
  /** The page that asks, which the app must allow. Default: the first domain that it allows. */
  readonly origin?: string | undefined
}

/** What `authCode` takes, of a program and over HTTP. */
export const AuthCodeWish = options({
  appId: v.optional(v.string('a text, the id of an app')),
  /** Read where people are described. */
  user: v.optional(v.custom<string | PersonDescription>(() => true)),
  scopeRequest: v.optional(v.string('this is not a scope request')),
  origin: v.optional(v.string('a text, such as http://localhost:3000')),
})
