import assert from 'node:assert/strict'
import { EmbeddedLedger, LedgerUnavailable } from 'civic-attestations'
import {
  checkAll,
  examineClock,
  examineDatabase,
  examineKeys,
  examineLedger,
  examineMail,
  saidOf,
} from '../../../sip/lib/operations/check.ts'
import type { Queryable } from '../../../sip/lib/store/postgres/index.ts'

describe('civic-sip-server: check', () => {
  const NOW = Date.parse('2026-03-01T12:00:00Z')
  /** A database that says what a test wants. */
  const database = (row: object): Queryable => ({ query: () => Promise.resolve({ rows: [row] }) }) as never
  const esplora = (time: string | undefined) =>
    (() =>
      Promise.resolve(
        new Response('1', { headers: time === undefined ? {} : { Date: time } }),
      )) as typeof fetch

  it('says what works, and what to do about the rest', async () => {
    const down = {
      query: () => Promise.reject(Object.assign(new Error('x'), { code: 'ECONNREFUSED' })),
    } as never
    const ledger = new EmbeddedLedger()
    const said = saidOf(
      await checkAll([
        examineDatabase(down),
        examineMail(() => Promise.resolve()),
        examineLedger(ledger, false),
      ]),
    )
    assert.equal(said.isDone, false)
    assert.deepEqual(said.lines, [
      'database  wrong    Error ECONNREFUSED',
      '                   Check DATABASE_URL, and whether PostgreSQL runs and accepts this user.',
      'mail      ok       the mail server accepts the login',
      'ledger    ok       tbch, block 0',
    ])
  })

  it('warns of optional parts that are missing', async () => {
    const said = saidOf(await checkAll([examineMail(undefined), examineLedger(new EmbeddedLedger(), true)]))
    assert.equal(said.isDone, true)
    assert.equal(said.lines.filter((line) => line.includes('warning')).length, 2)
    assert.match(said.lines.join('\n'), /a private ledger in the database/)
  })

  it('finds a ledger that does not respond', async () => {
    const ledger = {
      network: 'bitcoin',
      tipHeight: () => Promise.reject(new LedgerUnavailable('no response')),
    }
    const [finding] = await checkAll([examineLedger(ledger as never, false)])
    assert.deepEqual([finding?.is, finding?.says], ['wrong', 'no response'])
  })

  it('compares the clock with those of the database and the ledger', async () => {
    const check = async (databaseMs: number, ledgerTime?: string) => {
      const options = { now: () => NOW, fetch: esplora(ledgerTime) }
      const [finding] = await checkAll([
        examineClock(database({ ms: String(NOW + databaseMs) }), 'https://esplora.example.org/api/', options),
      ])
      return [finding?.is, finding?.says]
    }
    assert.deepEqual(await check(-200), ['well', "0.2 s ahead of the database's"])
    assert.deepEqual(await check(6_000), ['warning', "6.0 s behind the database's"])
    assert.deepEqual(await check(-120_000), ['wrong', "120.0 s ahead of the database's"])
    assert.deepEqual(await check(0, 'Sun, 01 Mar 2026 12:02:00 GMT'), [
      'wrong',
      "0.0 s behind the database's, 120.5 s behind the ledger's",
    ])
  })

  it('shows the keys, and what to do with them', async () => {
    const day = 24 * 60 * 60_000
    const key = (state: 'current' | 'next', createdAt: number) => ({
      pubKey: `04${state === 'next' ? 'b' : 'a'}${'0'.repeat(127)}`,
      state,
      createdAt,
      activatedAt: undefined,
    })
    const check = async (all: ReturnType<typeof key>[], secrets = 1) => {
      const [finding] = await checkAll([
        examineKeys({ keys: { all }, authorities: ['xpub6Example'], secrets }, () => NOW),
      ])
      return finding
    }
    assert.deepEqual(await check([key('current', 0)]), {
      name: 'keys',
      is: 'well',
      says: 'current 04a000000000…; the attester is xpub6Example',
    })
    const replaced = { authorities: ['xpub6New'], former: ['xpub6Old', 'xpub6Older'], secrets: 1 }
    const [finding] = await checkAll([examineKeys({ keys: { all: [] }, ...replaced }, () => NOW)])
    assert.match(finding?.says ?? '', /is xpub6New, before its keys were replaced xpub6Old, xpub6Older$/)
    assert.equal((await check([key('current', 0), key('next', NOW - 29 * day)]))?.is, 'well')
    assert.match((await check([key('current', 0), key('next', NOW - 30 * day)]))?.todo ?? '', /--activate\.$/)
    assert.match((await check([key('current', 0)], 2))?.todo ?? '', /^SIP_SECRET names two secrets/)
  })
})
