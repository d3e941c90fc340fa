/** The JSON between the server and the dashboard's pages for people and teams. */
import * as v from 'valibot'
import { EMAIL_ADDRESS } from '../attester/mailer.ts'
import { fields, listOf } from '../http/schema.ts'
import { isPlainText } from '../plain-text.ts'

const Text = v.string('a text')
const Time = v.number()
const NAME = 'a text of 1 to 80 characters, without invisible ones'

export const Role = v.picklist(
  ['OWNER', 'ADMIN', 'DEVELOPER', 'OPERATOR', 'REVIEWER'],
  'one of OWNER, ADMIN, DEVELOPER, OPERATOR, REVIEWER',
)
export type Role = v.InferOutput<typeof Role>

/** The names of people and partners. */
export const Name = v.pipe(
  v.string(NAME),
  v.maxLength(80, NAME),
  v.trim(),
  v.minLength(1, NAME),
  v.check(isPlainText, NAME),
)

export const Me = v.object({
  /** Where the person gets mail; absent if the person can have no address here. */
  email: v.exactOptional(v.object({ address: v.exactOptional(Text) })),
  userId: Text,
  isOperator: v.boolean(),
  memberships: listOf(v.object({ partnerId: Text, partnerName: Text, name: Text, role: Role })),
})
export type Me = v.InferOutput<typeof Me>

const ADDRESS = 'an email address'
const Address = v.pipe(v.string(ADDRESS), v.trim(), v.regex(EMAIL_ADDRESS, ADDRESS))

export const NewEmail = fields({ address: Address })

export const ConfirmedEmail = fields({ address: Address, code: v.string('the code of the email') })

export const Token = fields({ token: Text })

export const Offer = v.object({
  partnerName: v.exactOptional(Text),
  role: Role,
  isOperator: v.boolean(),
  expiresAt: Time,
})
export type Offer = v.InferOutput<typeof Offer>

/** The members besides CivicJS's. */
export const Joining = fields({ token: Text, name: Name, partnerName: v.optional(Name) })

/** An act that a wallet must approve first. */
export const Act = fields({
  act: v.picklist(['reveal', 'rotate', 'revoke', 'delete'], 'one of reveal, rotate, revoke, delete'),
  appId: Text,
  keyId: v.optional(Text, ''),
})
export type Act = v.InferInput<typeof Act>

export const Approved = fields({ uuid: Text })

export const Member = v.object({ userId: Text, name: Text, role: Role, joinedAt: Time, isMe: v.boolean() })
export type Member = v.InferOutput<typeof Member>

export const Invite = v.object({ id: Text, role: Role, createdAt: Time, expiresAt: Time })
export type Invite = v.InferOutput<typeof Invite>

export const Team = v.object({
  members: listOf(Member),
  invites: listOf(Invite),
  roles: listOf(Role),
  canChange: v.boolean(),
})
export type Team = v.InferOutput<typeof Team>

export const MadeInvite = v.object({ ...Invite.entries, link: Text })
export type MadeInvite = v.InferOutput<typeof MadeInvite>

export const NewRole = fields({ role: Role })

export const AuditEntry = v.object({
  id: Text,
  at: Time,
  who: Text,
  what: Text,
  partnerId: v.exactOptional(Text),
  appId: v.exactOptional(Text),
  detail: v.exactOptional(Text),
})
export type AuditEntry = v.InferOutput<typeof AuditEntry>
