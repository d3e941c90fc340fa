import type { Ledger } from 'civic-attestations'
import type { Router } from 'express'
import type { App, Apps } from '../apps/apps.ts'
import type { Network } from '../apps/domain-proof.ts'
import { DomainsOfApps } from '../apps/domains.ts'
import type { Lost } from '../apps/domains.ts'
import { partnerAppRoutes } from '../apps/partner-app-routes.ts'
import { PartnerApps } from '../apps/partner-apps.ts'
import type { AppRules } from '../apps/partner-apps.ts'
import { Reviews } from '../apps/reviews.ts'
import { LETTERS } from '../attester/code-rules.ts'
import { Codes } from '../attester/codes.ts'
import type { Mailer } from '../attester/mailer.ts'
import type { DocumentStore } from '../store/documents.ts'
import type { Clock } from '../store/expiring-map.ts'
import { MemoryPartnerStores } from '../store/memory-partners.ts'
import { OPERATORS } from '../store/partner-stores.ts'
import type { PartnerStores } from '../store/partner-stores.ts'
import type { AppStore, CodeStore, Turns } from '../store/stores.ts'
import { undoable } from '../store/undoable.ts'
import { MemberAccess } from './access.ts'
import type { Access } from './access.ts'
import { loginRoutes, sessionRoutes } from './account-routes.ts'
import { Accounts } from './accounts.ts'
import { affairOf, AuditLog, COMMAND_LINE } from './audit.ts'
import { changesBy } from './changes.ts'
import type { MakeChanges, Transact } from './changes.ts'
import { emailRoutes } from './email-routes.ts'
import { MemberEmails } from './member-emails.ts'
import { operatorRoutes } from './operator-routes.ts'
import { OwnerMessages } from './owner-messages.ts'
import type { Person } from './person.ts'
import { Sessions } from './sessions.ts'
import { teamRoutes } from './team-routes.ts'
import { WalletLogin } from './wallet-login.ts'
import type { WalletLoginParts } from './wallet-login.ts'

export interface PartnersOptions {
  /** The storage for partners and their people. Default: in memory. */
  readonly stores?: PartnerStores
  /**
   * Makes changes that belong together in one transaction: what a person did, its entry in the audit log and the email
   * about it. Default: the transaction of stores in memory.
   */
  readonly transact?: Transact
  /** How proofs of domains are checked. Default: DNS, and https on port 443 of public addresses. */
  readonly network?: Network
}

export interface InviteOptions {
  /** Invites an operator of the server, instead of the owner of a new partner. Default: false. */
  readonly operator?: boolean
}

/** The part of a server whose partners have accounts. */
export interface PartnersSide {
  readonly access: Access
  readonly rules: AppRules
  readonly change: MakeChanges
  /** Records what a person did that changes no store, or before it is done. */
  readonly note: (person: Person, app: App | undefined, what: string, detail?: string) => Promise<void>
  readonly open: readonly Router[]
  readonly closed: readonly Router[]
  /** The routes for CivicJS and wallets when people log in. */
  readonly login: Router
  readonly invite: (options?: InviteOptions) => Promise<string>
  readonly sweepers: readonly { sweep(): Promise<void> }[]
}

export function partnersSide(
  { stores = new MemoryPartnerStores(), transact, network }: PartnersOptions,
  parts: {
    /** The store of `apps`. */
    appStore: AppStore
    documents: DocumentStore
    apps: Apps
    turns: Turns
    codes: CodeStore
    /** What codes are hashed with. */
    secret: string
    mailer: Mailer | undefined
    failed: (error: unknown) => void
    clock: Clock
    url: string
    walletUrl: string
    ledger: Ledger
    confirm: boolean
    prvKey: WalletLoginParts['prvKey']
  },
): PartnersSide {
  const {
    appStore,
    documents,
    apps,
    turns,
    codes: counters,
    clock,
    url,
    walletUrl,
    ledger,
    confirm,
    prvKey,
    mailer,
    secret,
    failed,
  } = parts
  const audit = new AuditLog(stores.audit, clock)
  const sessions = new Sessions(stores.sessions, clock, url)
  const login = new WalletLogin({ url, walletUrl, ledger, prvKey, store: stores.direct, sessions })
  const accounts = new Accounts({ stores, clock, url })
  const access = new MemberAccess(sessions, accounts)
  const inMemory: Transact = (work) => undoable(() => work({ ...stores, apps: appStore, documents, mailer }))
  const change = changesBy(transact ?? inMemory, { clock, url, failed })
  const messages = new OwnerMessages(url)
  const lost: Lost = async (app, host, { audit, mail }) => {
    await audit.noteOwn('Server', { what: 'domain.lost', ...affairOf(app), detail: host })
    await mail.tell(app.partnerId, messages.domainLost(app, host))
  }
  const domains = new DomainsOfApps({
    ...{ proofs: stores.proofs, change, turns, counters, clock, network, lost },
  })
  const reviews = new Reviews({ domains, store: stores.reviews, change, clock })
  const emails = new MemberEmails({
    store: stores.emails,
    codes: new Codes({ store: counters, clock, secret, rules: LETTERS }),
    ...{ mailer, change, host: new URL(url).host },
  })
  const people = { access, accounts, sessions, login, change, apps, emails }
  return {
    access,
    rules: new PartnerApps({ domains, change, turns }),
    change,
    note: (person, app, what, detail) =>
      audit.note(person, {
        what,
        ...(app && affairOf(app)),
        ...(detail !== undefined && { detail }),
      }),
    open: [loginRoutes(people)],
    closed: [
      sessionRoutes(people),
      emailRoutes(access, emails),
      teamRoutes({ access, accounts, audit, change }),
      operatorRoutes({
        ...{ access, apps, audit, reviews, change, messages, confirm },
        partners: stores.partners,
      }),
      partnerAppRoutes({ access, apps, domains, reviews }),
    ],
    login: login.routes,
    invite: ({ operator = false } = {}) =>
      change(async ({ accounts, audit }) => {
        const { link } = await (operator
          ? accounts.invite(OPERATORS, 'OPERATOR')
          : accounts.invite(undefined, 'OWNER'))
        await audit.noteOwn(COMMAND_LINE, { what: operator ? 'operator.invited' : 'partner.invited' })
        return link
      }),
    sweepers: [accounts, sessions, audit, domains, stores.direct],
  }
}
