/** The JSON between the server and the dashboard's pages for domains and reviews. */
import * as v from 'valibot'
import { fields, listOf } from '../http/schema.ts'
import { Name } from '../partners/account-wire.ts'
import { Environment, EXPECTED } from './expected.ts'

const Text = v.string('a text')
const Time = v.number()

/** A host of the internet, and the text that proves that the partner controls it. */
export const Domain = v.object({
  host: Text,
  isProved: v.boolean(),
  /** When the proof was first missing. */
  lostAt: v.exactOptional(Time),
  /** Entries of the allowed domains that wait for the proof. */
  waiting: listOf(Text),
  file: v.object({ url: Text, text: Text }),
  record: v.object({ name: Text, text: Text }),
})
export type Domain = v.InferOutput<typeof Domain>

export const Host = fields({ host: Text })
export const Found = v.object({ found: v.boolean() })
export type Found = v.InferOutput<typeof Found>

export const Wish = fields({
  live: v.optional(v.boolean(EXPECTED.switch)),
  name: v.optional(Name),
  logo: v.optional(v.string(EXPECTED.logo)),
  scopes: v.optional(listOf(Text, EXPECTED.scopes)),
})
export type Wish = v.InferInput<typeof Wish>

export const Review = v.object({
  appId: Text,
  live: v.boolean(),
  name: v.exactOptional(Text),
  /** Empty: none. */
  logo: v.exactOptional(Text),
  scopes: listOf(Text),
  askedAt: Time,
  askedBy: Text,
  refusal: v.exactOptional(Text),
})
export type Review = v.InferOutput<typeof Review>

/** A review for operators, beside the current state of the app. */
export const Waiting = v.object({
  ...Review.entries,
  partnerName: Text,
  now: v.object({ name: Text, environment: Environment, scopes: listOf(Text), whitelist: listOf(Text) }),
})
export type Waiting = v.InferOutput<typeof Waiting>

const REASON = 'a text of 1 to 500 characters'
export const Decision = v.union(
  [
    fields({ approve: v.literal(true), askedAt: Time }),
    fields({
      approve: v.literal(false),
      askedAt: Time,
      reason: v.pipe(v.string(REASON), v.trim(), v.minLength(1, REASON), v.maxLength(500, REASON)),
    }),
  ],
  'approve: true, or false with a reason of 1 to 500 characters; and askedAt of the review',
)

/** The parts of an app that operators change. */
export const OperatorChange = fields({
  suspended: v.optional(v.boolean(EXPECTED.switch)),
  environment: v.optional(v.literal('test', "'test': an app becomes live by a review")),
  attestations: v.optional(v.boolean(EXPECTED.switch)),
  confirm: v.optional(v.boolean(EXPECTED.switch)),
})
export type OperatorChange = v.InferInput<typeof OperatorChange>

/** A partner, for operators. */
export const PartnerView = v.object({
  id: Text,
  name: Text,
  createdAt: Time,
  apps: listOf(
    v.object({
      appId: Text,
      name: Text,
      environment: Environment,
      suspended: v.boolean(),
      attestations: v.boolean(),
      /** As it is for the app: as the server does, or otherwise. */
      confirm: v.boolean(),
    }),
  ),
})
export type PartnerView = v.InferOutput<typeof PartnerView>
