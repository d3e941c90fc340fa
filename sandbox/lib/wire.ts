/** The JSON between the sandbox's pages and its server. The pages' types are inferred from it. */
import * as v from 'valibot'
import { Description } from './description.ts'

const Text = v.string('a text')
/** Milliseconds since the epoch. */
const Time = v.number()

/** A message to a test user. */
export const Mail = v.object({
  id: Text,
  at: Time,
  to: Text,
  subject: Text,
  text: Text,
  /** The code in it, if there is one. */
  code: v.exactOptional(Text),
  /** Whether a newer one went to the same address. */
  isOld: v.boolean(),
})
export type Mail = v.InferOutput<typeof Mail>

/** A test user, in a list of them. */
export const UserSummary = v.object({ id: Text, name: Text, email: Text, phoneNumber: Text })
export type UserSummary = v.InferOutput<typeof UserSummary>

/** A test user with all labels that the person can share, and the current attestations. */
export const User = v.object({
  ...UserSummary.entries,
  dateOfBirth: Text,
  document: v.object({ number: Text, dateOfExpiry: Text, country: Text }),
  address: v.object({ street: Text, city: Text, postalCode: Text, country: Text }),
  attested: v.array(v.object({ set: Text, txid: Text, vout: v.number() })),
})
export type User = v.InferOutput<typeof User>

export const NewUser = Description
export type NewUser = v.InferOutput<typeof NewUser>

export const Revoked = v.object({ count: v.number() })
export type Revoked = v.InferOutput<typeof Revoked>

/** How exchanges fail: the options of `sandbox.fault()`, with `always` for Infinity. */
export const FaultBody = v.object({
  status: v.exactOptional(v.number('a number')),
  delayMs: v.exactOptional(v.number('a number')),
  cut: v.exactOptional(v.boolean('true or false')),
  times: v.union([v.number(), v.literal('always')], "a number, or 'always'"),
})
export type FaultBody = v.InferOutput<typeof FaultBody>

/** The parts of an app that a login needs. */
export const AppSummary = v.object({
  appId: Text,
  name: Text,
  /** The first allowed origin. */
  origin: v.exactOptional(Text),
  /** Wire values. */
  scopes: v.array(Text),
})
export type AppSummary = v.InferOutput<typeof AppSummary>

export const Token = v.object({ authToken: Text })
export type Token = v.InferOutput<typeof Token>
