import type pg from 'pg'
import type { Mailer } from '../../attester/mailer.ts'
import type { Transact } from '../../partners/changes.ts'
import type { Sealer } from '../../secrets/sealing.ts'
import type { PartnerStores } from '../partner-stores.ts'
import { PostgresApps } from './apps.ts'
import { transaction } from './database.ts'
import type { Queryable } from './database.ts'
import { PostgresDocuments } from './documents.ts'
import { PostgresPartnerStores } from './partners.ts'

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
    transaction(pool, (client) => {
      const stores: PartnerStores = new PostgresPartnerStores(client, sealer)
      return work({
        ...stores,
        apps: new PostgresApps(client, sealer),
        documents: new PostgresDocuments(client, sealer),
        mailer: mailerBy(client),
      })
    })
}
