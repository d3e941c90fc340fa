import { PostgresStores, Sealer } from 'civic-sip-server/database'
import { eachDatabase } from '../../support/databases.ts'
import { storeContract } from '../store.contract.ts'
import type { Opened } from '../store.contract.ts'
import { storeRaces } from '../store.races.ts'

const sealer = new Sealer(['1'.repeat(64)])

describe('sip: stores in a database', () => {
  eachDatabase((_name, open) => {
    const opened = async (): Promise<Opened> => {
      let time = Date.UTC(2026, 0, 1)
      const clock = (): number => time
      const [stores, others] = [await open(), await open()].map(
        (database) => new PostgresStores(database, { sealer, clock }),
      )
      return {
        stores: stores!,
        others: others!,
        now: clock,
        pass: (milliseconds) => void (time += milliseconds),
      }
    }
    storeContract(opened)
    storeRaces(opened)
  })
})
