import type { DirectStore } from 'passport-civic-sip/direct'

/** The role of a partner's member, or of an operator (partners/roles.ts). */
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
  /** The userId that the member's wallet has at this server, as a site. */
  readonly userId: string
  /** The name that the other members see. */
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
  /** Undefined: the person who joins makes a new partner and owns it. */
  readonly partnerId?: string
  readonly role: Role
  readonly createdAt: number
  readonly expiresAt: number
}

/** An act that a person must approve. */
export interface Act {
  /** The id of this one approval. */
  readonly id: string
  /** The act and its object: `reveal ABC123 0f3c`. */
  readonly what: string
  /** The text that the wallet shows. */
  readonly description: string
}

export interface Session {
  /** SHA-256 of the cookie, as hex. */
  readonly id: string
  readonly userId: string
  readonly createdAt: number
  readonly expiresAt: number
  /** The act that waits for a wallet. */
  readonly act?: Act
  /** The Direct request that showed its description. */
  readonly actRequest?: string
  /** The last act that a wallet approved: `Act.what`. */
  readonly approved?: string
  readonly approvedAt?: number
}

/** An action of a member or an operator. */
export interface AuditEntry {
  readonly id: string
  readonly at: number
  /** The partner whose log it belongs to. Undefined: the server's. */
  readonly partnerId?: string
  readonly userId?: string
  /** The member's name at that time. */
  readonly who: string
  /** Such as `app.created`. */
  readonly what: string
  readonly appId?: string
  /** No secrets, and no personal data except names of members. */
  readonly detail?: string
}

/** The proof that a partner controls a host, for one app. */
export interface DomainProof {
  readonly appId: string
  readonly host: string
  /** The text that the file or the TXT record must contain. */
  readonly value: string
  /** Entries of the white list that wait for the proof. */
  readonly waiting: readonly string[]
  readonly provedAt?: number
  /** When it is checked again. */
  readonly nextCheckAt?: number
  /** When it was first missing. */
  readonly lostAt?: number
}

/** A partner's request to the operators. */
export interface Review {
  readonly appId: string
  readonly partnerId: string
  /** Whether the app is to become live. */
  readonly live: boolean
  /** The new name of the live app; absent: the current one. */
  readonly name?: string
  /** Likewise its new logo; empty: no logo. */
  readonly logo?: string
  /** Wire values of all scope requests that it should have. */
  readonly scopes: readonly string[]
  readonly askedAt: number
  readonly askedBy: string
  /** Why an operator refused; absent while it waits. */
  readonly refusal?: string
}

/** The stores for partners. The rules of `Stores` apply. */
export interface PartnerStores {
  readonly partners: PartnerStore
  readonly invites: InviteStore
  readonly sessions: SessionStore
  readonly audit: AuditStore
  readonly proofs: ProofStore
  readonly reviews: ReviewStore
  readonly emails: EmailStore
  /** The Direct requests of people who log in to the dashboard. */
  readonly direct: DirectStore & { sweep(): Promise<void> }
}

export interface PartnerStore {
  find(id: string): Promise<Partner | undefined>
  /** In the order in which they were made. */
  list(): Promise<readonly Partner[]>
  /** Does nothing if there is one with this id. */
  insert(partner: Partner): Promise<void>
  /** In the order in which they joined. */
  members(partnerId: string): Promise<readonly Member[]>
  /** Of one person. */
  memberships(userId: string): Promise<readonly Membership[]>
  /**
   * Gives a member another role, or removes the member if `role` is undefined. The last one with the role `lead` stays,
   * even if several leave at once. If a lead leaves, the partner's invites end, because the lead may hold one. The email
   * address of a person who no longer owns a partner is deleted.
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
  /** @returns undefined if it is spent or expired */
  find(tokenHash: string, now: number): Promise<Invite | undefined>
  /** Those that can be used, newest first. */
  list(partnerId: string | undefined, now: number): Promise<readonly Invite[]>
  remove(partnerId: string | undefined, id: string): Promise<boolean>
  /**
   * Spends an invite and makes the member in one step, for one caller.
   * @param made the partner to make if the invite names none
   * @returns the member; 'member' if the person is one already, and then the invite is not spent; undefined as for
   *   `find`
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
  /** Sets the act that a wallet must approve. It replaces an earlier one. @returns false if there is no session */
  ask(id: string, act: Act): Promise<boolean>
  /** Records the request that shows this act. @returns false if the session waits for another act */
  show(id: string, actId: string, request: string): Promise<boolean>
  /** Approves the act that this request showed, if the session is this person's. */
  approve(id: string, userId: string, request: string, now: number): Promise<boolean>
  remove(id: string): Promise<void>
  removeOf(userId: string): Promise<void>
  sweep(now: number, max: number): Promise<void>
}

/** Entries can be added and read, and are deleted when they are old. They cannot be changed. */
export interface AuditStore {
  insert(entry: Omit<AuditEntry, 'id'>): Promise<void>
  /**
   * Newest first.
   * @param partnerId undefined: all
   * @param before the id of an entry: those that are older
   */
  list(partnerId: string | undefined, max: number, before?: string): Promise<readonly AuditEntry[]>
  /** Deletes those before that time. */
  sweep(before: number, max: number): Promise<void>
}

export interface ProofStore {
  /** In the order of their hosts. */
  list(appId: string): Promise<readonly DomainProof[]>
  find(appId: string, host: string): Promise<DomainProof | undefined>
  /**
   * Adds a proof, or adds waiting entries to an existing one. @returns the stored proof; undefined if the app has `max`
   */
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
   * Takes the proofs that are due. Other callers get them after `until`.
   * @param max how many
   */
  due(now: number, until: number, max: number): Promise<readonly DomainProof[]>
}

export interface ReviewStore {
  /** Replaces an earlier one. */
  put(review: Review): Promise<void>
  find(appId: string): Promise<Review | undefined>
  /** Those that wait, oldest first. */
  waiting(): Promise<readonly Review[]>
  /** Takes a waiting one, for one caller. */
  take(appId: string, askedAt: number): Promise<Review | undefined>
  /** @returns false if it no longer waits */
  refuse(appId: string, askedAt: number, refusal: string): Promise<boolean>
  remove(appId: string): Promise<void>
}
