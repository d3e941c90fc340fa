import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mock } from 'node:test'
import { MIGRATIONS, PrivateLedger, Sealer, SigningKeys } from 'civic-sip-server/database'
import type { Database } from 'civic-sip-server/database'
import express from 'express'
import pg from 'pg'
import { messageOf } from '../../../sip/lib/attester/sender.ts'
import { newRecoveryKey, startCosigner } from '../../../sip/lib/cosigner/cosign.ts'
import { MemoryCosigner } from '../../../sip/lib/cosigner/memory-store.ts'
import { answerErrors, errorHandler } from '../../../sip/lib/http/http.ts'
import { Outbox } from '../../../sip/lib/outbox/outbox.ts'
import { ActivityLog } from '../../../sip/lib/partners/activity.ts'
import { MemoryActivities } from '../../../sip/lib/store/memory-activities.ts'
import { MemoryOutbox } from '../../../sip/lib/store/memory-outbox.ts'
import { open as openServer } from '../../../sip/lib/store/postgres/server.ts'
import { lendDatabase } from '../../support/lent-database.ts'
import { plainSeal } from '../support/seal.ts'

const ADDRESS = 'finn@example.org'
const SECRET = 'c0ffee'.repeat(8)

class Talkative extends Error {
  override readonly name = 'Talkative'
}

/** An error like those of a parser, a mail server or a database. */
function talkative(): Error {
  return new Talkative(`no such user: ${ADDRESS}, password ${SECRET}`, { cause: new Error(ADDRESS) })
}

function fails(): Promise<never> {
  return Promise.reject(talkative())
}

describe('sip: an error in a log', () => {
  let lines: string[]
  let heard: () => void
  const log = (line: string): void => {
    lines.push(line)
    heard()
  }
  /** The next line. */
  const line = (): Promise<void> => new Promise((resolve) => (heard = resolve))
  const assertNamed = (): void => {
    assert.notEqual(lines.length, 0)
    for (const written of lines) {
      assert.match(written, /Talkative/)
      assert.doesNotMatch(written, new RegExp(`${ADDRESS}|${SECRET}`))
    }
  }
  /** Logs what the work writes to standard error. */
  const onStandardError = async (work: () => unknown): Promise<void> => {
    mock.method(console, 'error', (...values: unknown[]) => log(values.map(String).join(' ')))
    try {
      await work()
    } finally {
      mock.restoreAll()
    }
  }
  beforeEach(() => {
    lines = []
    heard = () => undefined
  })

  it('of the outbox has a name instead of the message', async () => {
    const store = Object.assign(new MemoryOutbox(), { take: fails })
    const outbox = new Outbox({ store, seal: plainSeal, senders: {}, log })
    const next = line()
    outbox.start()
    await next
    await outbox.close()
    assertNamed()
  })

  describe('on a database that fails', () => {
    let database: Database
    let isBroken: boolean
    let changed: () => void
    /** The database, which fails while `isBroken` is set. */
    let broken: Database
    before(async () => {
      database = await lendDatabase(MIGRATIONS)
      const query = (...all: Parameters<pg.Pool['query']>): unknown =>
        isBroken ? fails() : database.pool.query(...all)
      const pool = new Proxy(database.pool, {
        get: (own, name) => (name === 'query' ? query : Reflect.get(own, name, own)) as unknown,
      })
      const listen: Database['listen'] = (_channel, callback) => {
        changed = () => callback('')
        return Promise.resolve(() => Promise.resolve())
      }
      broken = { ...database, pool, listen }
    })
    beforeEach(() => (isBroken = false))
    after(() => database.close())

    it('of the signing keys has a name', async () => {
      const keys = await SigningKeys.open(broken, { sealer: new Sealer(['1'.repeat(64)]), log })
      isBroken = true
      const next = line()
      changed()
      await next
      await keys.close()
      assertNamed()
    })

    it('of the private ledger has a name', async () => {
      const ledger = await PrivateLedger.open(broken, { log })
      isBroken = true
      const next = line()
      ledger.attester.sent()
      await next
      assertNamed()
    })
  })

  it('of a connection to PostgreSQL has a name', async () => {
    const { pool, close } = await openServer('postgres://127.0.0.1:1/sip', { log, max: 1 })
    const [connect] = pool.listeners('connect') as ((client: pg.Pool) => void)[]
    connect!(pool)
    pool.emit('error', talkative(), new pg.Client())
    await close()
    assertNamed()
  })

  it('of the cosigner has a name', async () => {
    const { mock: intervals } = mock.method(globalThis, 'setInterval')
    const cosigner = await startCosigner({
      recovery: newRecoveryKey().xpub,
      callKey: SECRET,
      store: Object.assign(new MemoryCosigner(), { sweep: fails }),
      seal: plainSeal,
      log,
    })
    const sweep = intervals.calls.find(({ arguments: [, ms] }) => ms === 60_000)?.arguments[0]
    mock.restoreAll()
    lines.splice(0)
    const next = line()
    sweep?.()
    await next
    await cosigner.close()
    assertNamed()
  })

  it('of the attester has a name, also for the wallet', () => {
    lines.push(messageOf(talkative()))
    assertNamed()
  })

  it('of an activity that cannot be stored has a name', async () => {
    const store = Object.assign(new MemoryActivities(), { insert: fails })
    await onStandardError(async () => {
      const activities = new ActivityLog(Date.now, store)
      activities.failed({
        appId: 'ABC123',
        appName: 'Shop',
        origin: 'https://shop.example.org',
        problem: 'wrong',
      })
      await activities.settled()
    })
    assertNamed()
  })

  for (const [where, handler, whereTo] of [
    ['of a program without an observer', errorHandler, 'standard error'],
    ['of an observed program', answerErrors((error) => log(messageOf(error))), 'its observer'],
  ] as const)
    it(`${where}, after a part of the response, goes to ${whereTo} with a name`, async () => {
      const app = express()
      app.get('/', (_req, res) => {
        res.write('half')
        throw talkative()
      })
      app.use(handler)
      const server = createServer(app).listen(0, '127.0.0.1')
      await once(server, 'listening')
      const { port } = server.address() as AddressInfo
      await onStandardError(async () => {
        await assert.rejects(fetch(`http://127.0.0.1:${port}/`).then((response) => response.text()))
      })
      server.closeAllConnections()
      await once(server.close(), 'close')
      assertNamed()
    })
})
