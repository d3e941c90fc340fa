/** The JSON between the dashboard's page and the server. The page's types are inferred from it. */
import * as v from 'valibot'
import { Environment, EXPECTED } from '../apps/expected.ts'
import { fields, listOf, options } from '../http/schema.ts'

const Text = v.string('a text')
/** Milliseconds since the epoch. */
const Time = v.number()

/** An app's keys without the secrets, for lists. */
export const Keys = v.object({
  keyId: Text,
  pubKey: Text,
  createdAt: Time,
  /** When they end, once they are revoked with a grace period. */
  endsAt: v.exactOptional(Time),
})
export type Keys = v.InferOutput<typeof Keys>

/** Keys with the secret, which the server knows as well. */
export const RevealedKeys = v.object({ ...Keys.entries, appSecret: Text })
export type RevealedKeys = v.InferOutput<typeof RevealedKeys>

export const App = v.object({
  appId: Text,
  name: Text,
  environment: Environment,
  /** The stage in this environment's URLs. */
  stage: Text,
  whitelist: listOf(Text),
  /** Wire values. */
  scopes: listOf(Text),
  /** Newest first. */
  keys: listOf(Keys),
  returnPaths: v.exactOptional(listOf(Text)),
  logo: v.exactOptional(Text),
  /** The owner, if partners have accounts. */
  partnerId: v.exactOptional(Text),
  isSuspended: v.exactOptional(v.boolean()),
  /** When its site exchanged a code for the first time. */
  firstLoginAt: v.exactOptional(Time),
})
export type App = v.InferOutput<typeof App>

/** A new app. */
export const MadeApp = v.object({ ...App.entries, keys: listOf(RevealedKeys) })
export type MadeApp = v.InferOutput<typeof MadeApp>

export const Settings = v.object({
  url: Text,
  api: Text,
  sipPublicKey: Text,
  /** A site's `sipPublicKey`: several keys during a rotation, the signing one first. */
  sipPublicKeys: listOf(Text),
  ledger: v.object({ url: Text, network: Text, isEmbedded: v.boolean() }),
  /** The wallet that people are sent to. */
  walletUrl: Text,
  /** The xpubs of the attester, for sites that verify attestations. */
  authorities: listOf(Text),
  scopeRequests: listOf(
    v.object({
      name: Text,
      wire: Text,
      labels: listOf(Text),
      /** Labels that this server does not attest. */
      unattested: listOf(Text),
    }),
  ),
  links: listOf(v.object({ name: Text, url: Text })),
  /** Whether people log in to the dashboard. */
  hasAccounts: v.boolean(),
})
export type Settings = v.InferOutput<typeof Settings>

const State = v.picklist([
  'created',
  'read',
  'approved',
  'granted',
  'denied',
  'expired',
  'exchanged',
  'failed',
])

const ActivityEvent = v.object({ at: Time, state: State, problem: v.exactOptional(Text) })

/** A scope request or a failed call, for the live list. */
export const Activity = v.object({
  id: Text,
  at: Time,
  appId: Text,
  appName: Text,
  scope: v.exactOptional(Text),
  labels: v.exactOptional(listOf(Text)),
  origin: v.exactOptional(Text),
  channel: v.exactOptional(v.picklist(['scan', 'link', 'app'])),
  state: State,
  problem: v.exactOptional(Text),
  walletKey: v.exactOptional(Text),
  userId: v.exactOptional(Text),
  /** The wallet's person, if the server knows. */
  person: v.exactOptional(Text),
  timeline: listOf(ActivityEvent),
})
export type Activity = v.InferOutput<typeof Activity>

export const Issued = v.object({
  txid: Text,
  vout: v.number(),
  set: Text,
  labels: listOf(Text),
  xpub: Text,
  /** The owner: the public key in `xpub`. */
  publicKey: Text,
  person: v.exactOptional(Text),
  issuedAt: Time,
  revoked: v.boolean(),
})
export type Issued = v.InferOutput<typeof Issued>

/** Domains and scope requests are checked later, with the app. */
const Change = {
  name: v.exactOptional(v.string(EXPECTED.name)),
  whitelist: v.exactOptional(listOf(Text, EXPECTED.whitelist)),
  scopes: v.exactOptional(listOf(Text, EXPECTED.scopes)),
  returnPaths: v.exactOptional(listOf(Text, EXPECTED.returnPaths)),
  logo: v.exactOptional(v.string(EXPECTED.logo)),
}
const PubKey = v.optional(v.string(EXPECTED.pubKey), '')

export const AppChange = options(Change)
export type AppChange = v.InferOutput<typeof AppChange>

export const NewApp = options({
  ...Change,
  name: v.string(EXPECTED.name),
  environment: v.exactOptional(Environment),
  attestations: v.exactOptional(v.boolean(EXPECTED.switch)),
  confirm: v.exactOptional(v.boolean(EXPECTED.switch)),
  pubKey: PubKey,
  /** The owner, if the person is a member of several partners. */
  partnerId: v.exactOptional(Text),
})
export type NewApp = v.InferOutput<typeof NewApp>

/** The new keys of a rotation. */
export const NewKeys = fields({ pubKey: PubKey })

const SECONDS = 'whole seconds, 1 to 2,592,000 (30 days)'
/** For how long revoked keys still work. */
export const GracePeriod = fields({
  validFor: v.pipe(
    v.number(SECONDS),
    v.integer(SECONDS),
    v.minValue(1, SECONDS),
    v.maxValue(30 * 24 * 3600, SECONDS),
  ),
})

/** What to revoke: an attestation by its anchor, or all attestations of a value. */
export const Revocation = v.union(
  [
    fields({ label: Text, value: Text }),
    fields({ txid: v.optional(Text, ''), vout: v.optional(v.number(), 0) }),
  ],
  'an anchor is named by { txid, vout }, and what is attested by { label, value }: texts, and a number for vout',
)
export type Revocation = v.InferOutput<typeof Revocation>
export const Revoked = v.object({ count: v.number() })
export type Revoked = v.InferOutput<typeof Revoked>
