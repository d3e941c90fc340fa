import type pg from 'pg'
import type { Mailer } from '../../attester/mailer.ts'
import type { Transact } from '../../partners/changes.ts'
import type { Sealer } from '../../secrets/sealing.ts'
import { PostgresApps } from './apps.ts'
import { transaction } from './database.ts'
import type { Queryable } from './database.ts'
import { PostgresEmails } from './emails.ts'
import { PostgresProofs, PostgresReviews } from './partner-apps.ts'
import { PostgresAudit } from './partners.ts'

/**
 * `partners.transact` of `createSip`, if its stores are in this database.
 *
 * @param mailerBy stores emails by this connection, such as an outbox. It must not wait for another connection
 */
export function transactIn(
  pool: pg.Pool,
  sealer: Sealer,
  mailerBy: (connection: Queryable) => Mailer | undefined,
): Transact {
  return (work) =>
    transaction(pool, (client) =>
      work({
        apps: new PostgresApps(client, sealer),
        proofs: new PostgresProofs(client),
        reviews: new PostgresReviews(client),
        audit: new PostgresAudit(client),
        emails: new PostgresEmails(client, sealer),
        mailer: mailerBy(client),
      }),
    )
}
