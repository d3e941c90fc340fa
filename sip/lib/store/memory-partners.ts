import { MemoryDirectStore } from 'passport-civic-sip/direct'
import { dropOldest } from './drop-oldest.ts'
import type {
  Act,
  AuditEntry,
  AuditStore,
  Change,
  EmailStore,
  Invite,
  InviteStore,
  Member,
  Membership,
  Owner,
  Partner,
  PartnerStore,
  PartnerStores,
  ProofStore,
  ReviewStore,
  Role,
  Session,
  SessionStore,
} from './partner-stores.ts'
import { MemoryEmails } from './memory-emails.ts'
import { MemoryProofs, MemoryReviews } from './memory-partner-apps.ts'
import { patched } from './patched.ts'
import { UndoableMap } from './undoable.ts'

/** The store for partners in memory, for one process. */
export class MemoryPartnerStores implements PartnerStores {
  readonly #invites = new UndoableMap<string, Invite>()
  readonly #addresses = new UndoableMap<string, string>()
  readonly partners: MemoryPartners = new MemoryPartners(this.#invites, this.#addresses)
  readonly invites: InviteStore = new MemoryInvites(this.partners, this.#invites)
  readonly sessions: SessionStore = new MemorySessions()
  readonly audit: AuditStore = new MemoryAudit()
  readonly proofs: ProofStore = new MemoryProofs()
  readonly reviews: ReviewStore = new MemoryReviews()
  readonly emails: EmailStore = new MemoryEmails(() => this.partners.owners(), this.#addresses)
  readonly direct: PartnerStores['direct'] = Object.assign(new MemoryDirectStore(), {
    sweep: () => Promise.resolve(),
  })
}

class MemoryPartners implements PartnerStore {
  readonly #partners = new UndoableMap<string, Partner>()
  readonly #invites: Map<string, Invite>
  readonly #addresses: Map<string, string>
  readonly #members = new UndoableMap<string, Member>()

  /**
   * @param invites by the hashes of their tokens
   * @param addresses of owners, by userId
   */
  constructor(invites: Map<string, Invite>, addresses: Map<string, string>) {
    this.#invites = invites
    this.#addresses = addresses
  }

  find(id: string): Promise<Partner | undefined> {
    return Promise.resolve(this.#partners.get(id))
  }

  list(): Promise<readonly Partner[]> {
    return Promise.resolve([...this.#partners.values()])
  }

  insert(partner: Partner): Promise<void> {
    if (!this.#partners.has(partner.id)) this.#partners.set(partner.id, partner)
    return Promise.resolve()
  }

  members(partnerId: string): Promise<readonly Member[]> {
    return Promise.resolve(this.#filter((member) => member.partnerId === partnerId))
  }

  memberships(userId: string): Promise<readonly Membership[]> {
    const own = this.#filter((member) => member.userId === userId)
    return Promise.resolve(
      own.map((member) => ({
        ...member,
        partnerName: this.#partners.get(member.partnerId)?.name ?? '',
      })),
    )
  }

  change(partnerId: string, userId: string, role: Role | undefined, lead: Role): Promise<Change> {
    const key = keyOf(partnerId, userId)
    const member = this.#members.get(key)
    if (!member) return Promise.resolve('unknown')
    const isLead = (other: Member): boolean => other.partnerId === partnerId && other.role === lead
    const staysLead = role === lead || this.#filter(isLead).some((other) => other !== member)
    if (isLead(member) && !staysLead) return Promise.resolve('last')
    if (role === undefined) this.#members.delete(key)
    else this.#members.set(key, { ...member, role })
    if (isLead(member) && role !== lead) this.#endInvites(partnerId)
    if (!this.owners().some((owner) => owner.userId === userId)) this.#addresses.delete(userId)
    return Promise.resolve('done')
  }

  /** @returns false if the person is a member already */
  join(member: Member): boolean {
    const key = keyOf(member.partnerId, member.userId)
    const isNew = !this.#members.has(key)
    if (isNew) this.#members.set(key, member)
    return isNew
  }

  owners(): readonly Owner[] {
    return this.#filter(({ role }) => role === 'OWNER').map(({ userId, partnerId }) => {
      const address = this.#addresses.get(userId)
      const partnerName = this.#partners.get(partnerId)?.name ?? ''
      return { userId, partnerId, partnerName, ...(address !== undefined && { address }) }
    })
  }

  #endInvites(partnerId: string): void {
    for (const [hash, invite] of this.#invites) if (invite.partnerId === partnerId) this.#invites.delete(hash)
  }

  #filter(isWanted: (member: Member) => boolean): Member[] {
    return [...this.#members.values()].filter(isWanted)
  }
}

function keyOf(partnerId: string, userId: string): string {
  return `${partnerId} ${userId}`
}

class MemoryInvites implements InviteStore {
  readonly #invites: Map<string, Invite>
  readonly #partners: MemoryPartners

  constructor(partners: MemoryPartners, invites: Map<string, Invite>) {
    this.#partners = partners
    this.#invites = invites
  }

  insert(invite: Invite, max: number, now: number): Promise<boolean> {
    const hasRoom = this.#of(invite.partnerId, now).length < max
    if (hasRoom) this.#invites.set(invite.tokenHash, invite)
    return Promise.resolve(hasRoom)
  }

  find(tokenHash: string, now: number): Promise<Invite | undefined> {
    const invite = this.#invites.get(tokenHash)
    return Promise.resolve(invite && invite.expiresAt > now ? invite : undefined)
  }

  list(partnerId: string | undefined, now: number): Promise<readonly Invite[]> {
    return Promise.resolve(this.#of(partnerId, now).reverse())
  }

  remove(partnerId: string | undefined, id: string): Promise<boolean> {
    const found = [...this.#invites.values()].find(
      (invite) => invite.id === id && invite.partnerId === partnerId,
    )
    return Promise.resolve(found !== undefined && this.#invites.delete(found.tokenHash))
  }

  async accept(
    tokenHash: string,
    person: Pick<Member, 'userId' | 'name'>,
    made: Partner,
    now: number,
  ): Promise<Member | 'member' | undefined> {
    const invite = this.#invites.get(tokenHash)
    if (!invite || invite.expiresAt <= now) return undefined
    const { partnerId = made.id, role } = invite
    const member = { partnerId, ...person, role, joinedAt: now }
    if (!this.#partners.join(member)) return 'member'
    this.#invites.delete(tokenHash)
    if (invite.partnerId === undefined) await this.#partners.insert(made)
    return member
  }

  sweep(now: number): Promise<void> {
    for (const { tokenHash, expiresAt } of this.#invites.values())
      if (expiresAt <= now) this.#invites.delete(tokenHash)
    return Promise.resolve()
  }

  #of(partnerId: string | undefined, now: number): Invite[] {
    const isLive = (invite: Invite): boolean => invite.partnerId === partnerId && invite.expiresAt > now
    return [...this.#invites.values()].filter(isLive)
  }
}

class MemorySessions implements SessionStore {
  readonly #sessions = new UndoableMap<string, Session>()

  insert(session: Session): Promise<void> {
    this.#sessions.set(session.id, session)
    return Promise.resolve()
  }

  find(id: string, now: number): Promise<Session | undefined> {
    const session = this.#sessions.get(id)
    return Promise.resolve(session && session.expiresAt > now ? session : undefined)
  }

  ask(id: string, act: Act): Promise<boolean> {
    return this.#change(id, () => ({ act, actRequest: undefined }))
  }

  show(id: string, actId: string, request: string): Promise<boolean> {
    return this.#change(id, ({ act }) => (act?.id === actId ? { actRequest: request } : undefined))
  }

  approve(id: string, userId: string, request: string, now: number): Promise<boolean> {
    return this.#change(id, (session) => {
      const { act, actRequest } = session
      if (!act || actRequest !== request || session.userId !== userId || session.expiresAt <= now)
        return undefined
      return { act: undefined, actRequest: undefined, approved: act.what, approvedAt: now }
    })
  }

  remove(id: string): Promise<void> {
    this.#sessions.delete(id)
    return Promise.resolve()
  }

  removeOf(userId: string): Promise<void> {
    for (const session of this.#sessions.values())
      if (session.userId === userId) this.#sessions.delete(session.id)
    return Promise.resolve()
  }

  sweep(now: number): Promise<void> {
    for (const { id, expiresAt } of this.#sessions.values()) if (expiresAt <= now) this.#sessions.delete(id)
    return Promise.resolve()
  }

  #change(
    id: string,
    changeOf: (session: Session) => { readonly [K in keyof Session]?: Session[K] | undefined } | undefined,
  ): Promise<boolean> {
    const session = this.#sessions.get(id)
    const change = session && changeOf(session)
    if (session && change) this.#sessions.set(id, patched(session, change))
    return Promise.resolve(change !== undefined)
  }
}

/** A process that forgets everything at its end needs only the newest entries. */
const MAX_AUDIT = 10_000

class MemoryAudit implements AuditStore {
  readonly #entries = new UndoableMap<string, AuditEntry>()
  #last = 0

  insert(entry: Omit<AuditEntry, 'id'>): Promise<void> {
    const id = String(++this.#last)
    this.#entries.set(id, { ...entry, id })
    dropOldest(this.#entries, MAX_AUDIT)
    return Promise.resolve()
  }

  list(partnerId: string | undefined, max: number, before?: string): Promise<readonly AuditEntry[]> {
    const isWanted = (entry: AuditEntry): boolean =>
      (partnerId === undefined || entry.partnerId === partnerId) &&
      (before === undefined || Number(entry.id) < Number(before))
    return Promise.resolve([...this.#entries.values()].filter(isWanted).reverse().slice(0, max))
  }

  sweep(before: number): Promise<void> {
    for (const { id, at } of this.#entries.values()) if (at < before) this.#entries.delete(id)
    return Promise.resolve()
  }
}
