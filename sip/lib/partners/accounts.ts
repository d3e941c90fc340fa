import { randomBytes } from 'node:crypto'
import { randomHex } from '../apps/new-keys.ts'
import { HttpError } from '../http/http.ts'
import { sha256 } from '../sha256.ts'
import type { Clock } from '../store/expiring-map.ts'
import { OPERATORS } from '../store/partner-stores.ts'
import type { Invite, Member, PartnerStores, Role } from '../store/partner-stores.ts'
import type { Person } from './person.ts'
import { personOf } from './person.ts'
import { leadOf, rolesOf } from './roles.ts'

const INVITE_MS = 24 * 60 * 60_000
/** Open invites of one partner. */
const MAX_INVITES = 50
const BATCH = 500
/** 32 random bytes as base64url. */
const TOKEN = /^[\w-]{43}$/
const NO_INVITE = 'this invite was used, withdrawn, or is over: ask for a new one'

/** An invite's offer, for the page that asks. */
export interface Offer {
  /** Absent: the person makes a new partner. */
  readonly partnerName?: string
  readonly role: Role
  readonly isOperator: boolean
  readonly expiresAt: number
}

export interface Joining {
  readonly token: string
  /** The name that the other members see. */
  readonly name: string
  /** The new partner's name, if the invite makes one. */
  readonly partnerName?: string | undefined
}

export interface NewInvite {
  readonly link: string
  readonly invite: Invite
}

type AccountStores = Pick<PartnerStores, 'partners' | 'invites' | 'sessions'>

/** Partners, their members and invites. */
export class Accounts {
  readonly #stores: AccountStores
  readonly #clock: Clock
  readonly #url: string

  /** @param parts `url`: the server's origin */
  constructor(parts: { stores: AccountStores; clock: Clock; url: string }) {
    this.#stores = parts.stores
    this.#clock = parts.clock
    this.#url = parts.url
  }

  async person(userId: string): Promise<Person> {
    return personOf(userId, await this.#stores.partners.memberships(userId))
  }

  /** The offer of the invite with this token. Does not spend it. @throws HttpError 404 */
  async offer(token: string): Promise<Offer> {
    const invite = await this.#find(token)
    const { partnerId, role, expiresAt } = invite
    const partner = partnerId === undefined ? undefined : await this.#stores.partners.find(partnerId)
    const isOperator = partnerId === OPERATORS
    return { ...(partner && !isOperator && { partnerName: partner.name }), role, isOperator, expiresAt }
  }

  /**
   * Makes a link with which one wallet can join within 24 hours.
   *
   * @param partnerId undefined: the person who opens it makes a new partner
   * @throws HttpError 409 if there are too many
   */
  async invite(partnerId: string | undefined, role: Role): Promise<NewInvite> {
    const now = this.#clock()
    if (partnerId === OPERATORS)
      await this.#stores.partners.insert({ id: OPERATORS, name: 'Operators', createdAt: now })
    const token = randomBytes(32).toString('base64url')
    const invite: Invite = {
      id: randomHex(8),
      tokenHash: hashOf(token),
      ...(partnerId !== undefined && { partnerId }),
      role,
      createdAt: now,
      expiresAt: now + INVITE_MS,
    }
    if (!(await this.#stores.invites.insert(invite, MAX_INVITES, now)))
      throw new HttpError(409, `there are ${MAX_INVITES} open invites already: withdraw one`)
    // In the fragment, which servers and link previews do not see
    return { link: `${this.#url}/#join/${token}`, invite }
  }

  invites(partnerId: string | undefined): Promise<readonly Invite[]> {
    return this.#stores.invites.list(partnerId, this.#clock())
  }

  /** @throws HttpError 404 */
  async withdraw(partnerId: string | undefined, id: string): Promise<void> {
    if (!(await this.#stores.invites.remove(partnerId, id)))
      throw new HttpError(404, 'there is no such invite')
  }

  /**
   * Makes a person a member, and spends the invite with this token.
   * @throws HttpError 404 if the invite is spent or over, 409 if the person is a member already
   */
  async join(userId: string, { token, name, partnerName = '' }: Joining): Promise<Member> {
    const invite = await this.#find(token)
    if (invite.partnerId === undefined && partnerName === '')
      throw new HttpError(400, 'partnerName: a text of 1 to 80 characters')
    const now = this.#clock()
    const made = { id: randomHex(8), name: partnerName, createdAt: now }
    const member = await this.#stores.invites.accept(invite.tokenHash, { userId, name }, made, now)
    if (member === undefined) throw new HttpError(404, NO_INVITE)
    if (member === 'member')
      throw new HttpError(409, 'you are a member already: the invite stays open for somebody else')
    return member
  }

  members(partnerId: string): Promise<readonly Member[]> {
    return this.#stores.partners.members(partnerId)
  }

  /**
   * Gives a member another role, or removes the member, whose sessions end if it was the last membership.
   * @returns the member's name
   * @throws HttpError 404 for an unknown member, 409 for the last owner or operator, 400 for a role that this partner
   *   does not have
   */
  async change(partnerId: string, userId: string, role: Role | undefined): Promise<string> {
    if (role !== undefined && !rolesOf(partnerId).includes(role))
      throw new HttpError(400, `role: one of ${rolesOf(partnerId).join(', ')}`)
    const lead = leadOf(partnerId)
    const members = await this.members(partnerId)
    const change = await this.#stores.partners.change(partnerId, userId, role, lead)
    if (change === 'unknown') throw new HttpError(404, 'there is no such member')
    if (change === 'last') {
      const what = lead === 'OWNER' ? 'owner' : 'operator'
      throw new HttpError(409, `there must be an ${what}: make somebody else ${what} first`)
    }
    const left = await this.#stores.partners.memberships(userId)
    if (left.length === 0) await this.#stores.sessions.removeOf(userId)
    return members.find((member) => member.userId === userId)?.name ?? ''
  }

  async sweep(): Promise<void> {
    await this.#stores.invites.sweep(this.#clock(), BATCH)
  }

  async #find(token: string): Promise<Invite> {
    const found = TOKEN.test(token)
      ? await this.#stores.invites.find(hashOf(token), this.#clock())
      : undefined
    if (!found) throw new HttpError(404, NO_INVITE)
    return found
  }
}

function hashOf(token: string): string {
  return sha256(token).toString('hex')
}
