import { Apps } from '../apps/apps.ts'
import type { Mailer } from '../attester/mailer.ts'
import type { DocumentStore } from '../store/documents.ts'
import type { Clock } from '../store/expiring-map.ts'
import type { PartnerStores } from '../store/partner-stores.ts'
import type { AppStore } from '../store/stores.ts'
import { Accounts } from './accounts.ts'
import { AuditLog } from './audit.ts'
import { OwnerMail } from './owner-mail.ts'
import { Sessions } from './sessions.ts'

/** The stores for changes that belong together. */
export interface TransactionStores extends Omit<PartnerStores, 'direct'> {
  readonly apps: AppStore
  readonly documents: DocumentStore
  /** Stores emails with the changes. Undefined: the server sends no email. */
  readonly mailer: Mailer | undefined
}

/** Stores all changes of the work, or none if it throws. The work uses these stores only. */
export type Transact = <T>(work: (stores: TransactionStores) => Promise<T>) => Promise<T>

/** What changes together: what a person did, what the audit log says of it, and the email about it. */
export interface Changes extends Pick<TransactionStores, 'proofs' | 'reviews' | 'emails' | 'documents'> {
  readonly apps: Apps
  readonly accounts: Accounts
  readonly sessions: Sessions
  readonly audit: AuditLog
  readonly mail: OwnerMail
}

/**
 * Makes all changes of the work, or none if it throws. The work uses these changes only: it must not wait for a turn,
 * another store, or another server.
 */
export type MakeChanges = <T>(work: (changes: Changes) => Promise<T>) => Promise<T>

export interface ChangeParts {
  readonly clock: Clock
  /** The server's origin. */
  readonly url: string
  /** Called with the reason if an email could not be stored. */
  readonly failed: (error: unknown) => void
}

export function changesBy(transact: Transact, { clock, url, failed }: ChangeParts): MakeChanges {
  return (work) =>
    transact((stores) => {
      const { proofs, reviews, emails, documents, mailer } = stores
      return work({
        ...{ proofs, reviews, emails, documents },
        apps: new Apps(stores.apps, clock),
        accounts: new Accounts({ stores, clock, url }),
        sessions: new Sessions(stores.sessions, clock, url),
        audit: new AuditLog(stores.audit, clock),
        mail: new OwnerMail({ emails, mailer, failed }),
      })
    })
}
