import { Apps } from '../apps/apps.ts'
import type { Mailer } from '../attester/mailer.ts'
import type { Clock } from '../store/expiring-map.ts'
import type { PartnerStores } from '../store/partner-stores.ts'
import type { AppStore } from '../store/stores.ts'
import { AuditLog } from './audit.ts'
import { OwnerMail } from './owner-mail.ts'

/** The stores for changes that belong together. */
export interface TransactionStores extends Pick<PartnerStores, 'proofs' | 'reviews' | 'audit' | 'emails'> {
  readonly apps: AppStore
  /** Stores emails with the changes. Undefined: the server sends no email. */
  readonly mailer: Mailer | undefined
}

/** Stores all changes of the work, or none if it throws. The work uses these stores only. */
export type Transact = <T>(work: (stores: TransactionStores) => Promise<T>) => Promise<T>

/** What changes together: an app, what the audit log says of it, and the email about it. */
export interface Changes extends Pick<TransactionStores, 'proofs' | 'reviews'> {
  readonly apps: Apps
  readonly audit: AuditLog
  readonly mail: OwnerMail
}

/** Makes all changes of the work, or none if it throws. */
export type MakeChanges = <T>(work: (changes: Changes) => Promise<T>) => Promise<T>

/** @param failed called with the reason if an email could not be stored */
export function changesBy(
  transact: Transact,
  { clock, failed }: { readonly clock: Clock; readonly failed: (error: unknown) => void },
): MakeChanges {
  return (work) =>
    transact(({ apps, audit, emails, mailer, ...stores }) =>
      work({
        ...stores,
        apps: new Apps(apps, clock),
        audit: new AuditLog(audit, clock),
        mail: new OwnerMail({ emails, mailer, failed }),
      }),
    )
}
