import type { DirectStore } from 'passport-civic-sip/direct'

/** What a member of a partner, or of the server's own operators, may do (partners/roles.ts). */
export type Role = 'OWNER' | 'ADMIN' | 'DEVELOPER' | 'OPERATOR' | 'REVIEWER'

/** The operators of the server are members of this organisation; it has no apps. */
export const OPERATORS = 'operators'

/** An organisation with apps. Times are milliseconds since the epoch, in all of these. */
export interface Partner {
  readonly id: string
  readonly name: string
  readonly createdAt: number
}

export interface Member {
  readonly partnerId: string
  /** By the member's wallet, for this server as a site. */
  readonly userId: string
  /** What the other members call this one. */
  readonly name: string
  readonly role: Role
  readonly joinedAt: number
}

export interface Membership extends Member {
  readonly partnerName: string
}

/** A link by which one wallet joins, once. */
export interface Invite {
  readonly id: string
  /** SHA-256 of the token in the link, as hex. */
  readonly tokenHash: string
  /** Undefined: the person who joins makes a new partner, and owns it. */
  readonly partnerId?: string
  readonly role: Role
  readonly createdAt: number
  readonly expiresAt: number
}

/** What a person logs in for again, and on whose behalf. */
export interface Act {
  /** Of this one occasion. */
  readonly id: string
  /** What it is, and of what: `reveal ABC123 0f3c`. */
  readonly what: string
  /** What the wallet shows. */
  readonly description: string
}

export interface Session {
  /** SHA-256 of the cookie, as hex. */
  readonly id: string
  readonly userId: string
  readonly createdAt: number
  readonly expiresAt: number
  /** Waits for a wallet. */
  readonly act?: Act
  /** The Direct request that showed its description. */
  readonly actRequest?: string
  /** The last act that a wallet approved: `Act.what`. */
  readonly approved?: string
  readonly approvedAt?: number
}

/** Something that a member or an operator did. */
export interface AuditEntry {
  readonly id: string
  readonly at: number
  /** Whose affair it was. Undefined: the server's own. */
  readonly partnerId?: string
  readonly userId?: string
  /** The member's name at that time. */
  readonly who: string
  /** Such as `app.created`. */
  readonly what: string
  readonly appId?: string
  /** No secret and no personal data but names of members. */
  readonly detail?: string
}

/** That a partner controls a host, for one app. */
export interface DomainProof {
  readonly appId: string
  readonly host: string
  /** What the file or the TXT record must hold. */
  readonly value: string
  /** Entries of the white list that wait for the proof. */
  readonly waiting: readonly string[]
  readonly provedAt?: number
  /** When it is looked at again. */
  readonly nextCheckAt?: number
  /** Since when it was no longer found. */
  readonly lostAt?: number
}

/** What a partner asks an operator for. */
export interface Review {
  readonly appId: string
  readonly partnerId: string
  /** Whether the app is to become live. */
  readonly live: boolean
  /** The name that it is to have as a live app; absent: the one that it has. */
  readonly name?: string
  /** The logo likewise; empty: none. */
  readonly logo?: string
  /** Wire values of all scope requests that it is to have. */
  readonly scopes: readonly string[]
  readonly askedAt: number
  readonly askedBy: string
  /** Why an operator refused; absent while it waits. */
  readonly refusal?: string
}

/** What the partners' side of a server keeps, by the rules of `Stores`. */
export interface PartnerStores {
  readonly partners: PartnerStore
  readonly invites: InviteStore
  readonly sessions: SessionStore
  readonly audit: AuditStore
  readonly proofs: ProofStore
  readonly reviews: ReviewStore
  readonly emails: EmailStore
  /** The wallets' requests of people who log in to the dashboard. */
  readonly direct: DirectStore & { sweep(): Promise<void> }
}

export interface PartnerStore {
  find(id: string): Promise<Partner | undefined>
  /** In the order in which they were made. */
  list(): Promise<readonly Partner[]>
  /** Unless there is one of this id. */
  insert(partner: Partner): Promise<void>
  /** In the order in which they joined. */
  members(partnerId: string): Promise<readonly Member[]>
  /** Of one person. */
  memberships(userId: string): Promise<readonly Membership[]>
  /**
   * Gives a member another role, or takes the member out where `role` is undefined. The last one with the role `lead`
   * stays, however many go at once. With a lead who goes, the partner's invites end: it may hold one itself. The email
   * address of somebody who owns no partner any more is forgotten.
   */
  change(partnerId: string, userId: string, role: Role | undefined, lead: Role): Promise<Change>
}

export type Change = 'done' | 'unknown' | 'last'

/** An owner of a partner. */
export interface Owner {
  readonly userId: string
  readonly partnerId: string
  readonly partnerName: string
  /** Where the owner gets mail; absent if no address is confirmed. */
  readonly address?: string
}

/** Addresses that owners of partners have confirmed. They are personal: sealed where they are kept, and never logged. */
export interface EmailStore {
  find(userId: string): Promise<string | undefined>
  /** @returns false if the person owns no partner, and then nothing is kept */
  put(userId: string, address: string): Promise<boolean>
  remove(userId: string): Promise<void>
  /**
   * In the order of the partners' names.
   * @param partnerId undefined: of all partners, so that who owns two is there twice
   */
  owners(partnerId?: string): Promise<readonly Owner[]>
}

export interface InviteStore {
  /** @returns false if the partner has `max` of them */
  insert(invite: Invite, max: number, now: number): Promise<boolean>
  /** @returns undefined once it is spent, or its time is over */
  find(tokenHash: string, now: number): Promise<Invite | undefined>
  /** Those that can be used, newest first. */
  list(partnerId: string | undefined, now: number): Promise<readonly Invite[]>
  remove(partnerId: string | undefined, id: string): Promise<boolean>
  /**
   * Spends an invite and makes the member, together, for one caller.
   * @param made the partner that is made where the invite names none
   * @returns the member; 'member' if the person is one already, and then nothing is spent; undefined as `find`
   */
  accept(
    tokenHash: string,
    person: Pick<Member, 'userId' | 'name'>,
    made: Partner,
    now: number,
  ): Promise<Member | 'member' | undefined>
  sweep(now: number, max: number): Promise<void>
}

export interface SessionStore {
  insert(session: Session): Promise<void>
  find(id: string, now: number): Promise<Session | undefined>
  /** Sets the act that a wallet is to be asked for, in place of the one before. @returns false if there is no session */
  ask(id: string, act: Act): Promise<boolean>
  /** Notes the request that shows this act. @returns false if the session waits for another act */
  show(id: string, actId: string, request: string): Promise<boolean>
  /** Turns the act that this request showed into an approved one, if the session is this person's. */
  approve(id: string, userId: string, request: string, now: number): Promise<boolean>
  remove(id: string): Promise<void>
  removeOf(userId: string): Promise<void>
  sweep(now: number, max: number): Promise<void>
}

/** Entries are added and read, and go when they are old; there is no way to change one. */
export interface AuditStore {
  insert(entry: Omit<AuditEntry, 'id'>): Promise<void>
  /**
   * Newest first.
   * @param partnerId undefined: all
   * @param before the id of an entry: those that are older
   */
  list(partnerId: string | undefined, max: number, before?: string): Promise<readonly AuditEntry[]>
  /** Forgets those of before that time. */
  sweep(before: number, max: number): Promise<void>
}

export interface ProofStore {
  /** In the order of their hosts. */
  list(appId: string): Promise<readonly DomainProof[]>
  find(appId: string, host: string): Promise<DomainProof | undefined>
  /** Adds a proof, or lets an entry wait at the one that is there. @returns what is kept; undefined if the app has `max` */
  wait(proof: DomainProof, max: number): Promise<DomainProof | undefined>
  /** @returns undefined if it is gone */
  update(
    appId: string,
    host: string,
    change: Pick<DomainProof, 'waiting' | 'provedAt' | 'nextCheckAt' | 'lostAt'>,
  ): Promise<DomainProof | undefined>
  remove(appId: string, host: string): Promise<void>
  removeAll(appId: string): Promise<void>
  /**
   * Those that are to be looked at, which are put off until `until` for every other caller.
   * @param max how many
   */
  due(now: number, until: number, max: number): Promise<readonly DomainProof[]>
}

export interface ReviewStore {
  /** In place of the one before. */
  put(review: Review): Promise<void>
  find(appId: string): Promise<Review | undefined>
  /** Those that wait, oldest first. */
  waiting(): Promise<readonly Review[]>
  /** Takes one that waits, for one caller. */
  take(appId: string, askedAt: number): Promise<Review | undefined>
  /** @returns false if it does not wait any more */
  refuse(appId: string, askedAt: number, refusal: string): Promise<boolean>
  remove(appId: string): Promise<void>
}
