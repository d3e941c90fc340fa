import { MIGRATIONS, openDatabase } from 'civic-sip-server/database'
import type { Database } from 'civic-sip-server/database'
import { emptyDatabase } from './empty-database.ts'
import { lendDatabase } from './lent-database.ts'
import { needsPostgres, startPostgres } from './postgres.ts'
import type { TestServer } from './servers.ts'

/**
 * Opens the database of this test: the server's tables, empty. Called again in the same test it opens the same data
 * again: on PostgreSQL with a pool that is new, as a second process has it. What is open ends with the test.
 */
export type OpenDatabase = () => Promise<Database>

/** Describes the same for PGlite and for PostgreSQL. Call it once in a file: it starts a server. */
export function eachDatabase(tests: (name: string, open: OpenDatabase) => void): void {
  onEmbedded((open) => tests('PGlite', open))
  onServer((open) => tests('PostgreSQL', open))
}

/** Describes it only for PGlite, for what is the same on every database. */
export function onEmbedded(tests: (open: OpenDatabase) => void): void {
  describe('on PGlite', function () {
    this.timeout(120_000)
    let database: Database
    before(async () => {
      database = await lendDatabase(MIGRATIONS)
    })
    beforeEach(() => emptyDatabase(database))
    after(() => database.close())
    tests(() => Promise.resolve({ ...database, close: () => Promise.resolve() }))
  })
}

/** Describes it only for PostgreSQL, with one server for all its tests. */
export function onServer(tests: (open: OpenDatabase) => void): void {
  describe('on PostgreSQL', function () {
    this.timeout(120_000)
    // Both are undefined if PostgreSQL is not installed
    let server: TestServer | undefined
    let first: Database | undefined
    const opened: Database[] = []
    const open = (): Promise<Database> =>
      openDatabase(server!.url, { migrations: MIGRATIONS, log: () => undefined })
    before(async function () {
      needsPostgres(this)
      server = await startPostgres()
      first = await open()
    })
    beforeEach(() => emptyDatabase(first!))
    afterEach(() => Promise.all(opened.splice(0).map(({ close }) => close())))
    after(async () => {
      await first?.close()
      await server?.stop()
    })
    tests(async () => {
      const database = await open()
      let closing: Promise<void> | undefined
      const once = { ...database, close: () => (closing ??= database.close()) }
      opened.push(once)
      return once
    })
  })
}
