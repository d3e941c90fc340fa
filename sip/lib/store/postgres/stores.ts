import type { Unsigned } from '../../attester/attester.ts'
import type { Sealer } from '../../secrets/sealing.ts'
import type { Clock } from '../expiring-map.ts'
import type { Stores } from '../stores.ts'
import { PostgresActivities } from './activities.ts'
import { PostgresAnchoring } from './anchoring.ts'
import { PostgresAnchors } from './anchors.ts'
import { PostgresApps } from './apps.ts'
import { PostgresCodes } from './codes.ts'
import type { Database } from './database.ts'
import { PostgresDocuments } from './documents.ts'
import { PostgresExpiring } from './expiring.ts'
import { PostgresIssuances } from './issuances.ts'
import { PostgresRequests } from './requests.ts'
import { PostgresSettings } from './settings.ts'
import { PostgresTurns } from './turns.ts'

export interface PostgresStoresOptions {
  /** Seals what nobody may read in the database or a backup. */
  readonly sealer: Sealer
  /** Returns milliseconds since the epoch, the same in all processes. Default: Date.now. */
  readonly clock?: Clock
}

/** All stores in a database, for all processes that share it. */
export class PostgresStores implements Stores {
  readonly apps: PostgresApps
  readonly requests: PostgresRequests
  readonly payloads: PostgresExpiring<string>
  readonly codes: PostgresCodes
  readonly anchors: PostgresAnchors
  readonly unsigned: PostgresExpiring<Unsigned>
  readonly issuances: PostgresIssuances
  readonly anchoring: PostgresAnchoring
  readonly documents: PostgresDocuments
  readonly turns: PostgresTurns
  readonly activities: PostgresActivities
  readonly settings: PostgresSettings

  constructor(database: Database, { sealer, clock = Date.now }: PostgresStoresOptions) {
    const { pool } = database
    this.apps = new PostgresApps(pool, sealer)
    this.requests = new PostgresRequests(pool, sealer, clock)
    this.payloads = new PostgresExpiring(pool, 'payloads', sealer, clock)
    this.codes = new PostgresCodes(pool, sealer, clock)
    this.anchors = new PostgresAnchors(pool)
    this.unsigned = new PostgresExpiring(pool, 'unsigned_trees', sealer, clock)
    this.issuances = new PostgresIssuances(pool, sealer)
    this.anchoring = new PostgresAnchoring(pool, sealer)
    this.documents = new PostgresDocuments(pool, sealer)
    this.turns = new PostgresTurns(database)
    this.activities = new PostgresActivities(database)
    this.settings = new PostgresSettings(pool)
  }
}
