import assert from 'node:assert/strict'
import { PostgresStores, Sealer } from 'civic-sip-server/database'
import { eachDatabase } from '../../support/databases.ts'
import { scopeRequest } from '../support/records.ts'

const sealer = new Sealer(['1'.repeat(64)])
const NOW = Date.UTC(2026, 0, 1)

/** Statements that run often, or over tables that grow, with what they look for. */
const LOOK_UPS = {
  requests_pkey: "select from requests where uuid = 'x' and not forgotten",
  requests_code: "select from requests where code_hash = 'x' and code_until > 1",
  requests_deadline: 'select from requests where not forgotten and deadline <= 1 order by deadline limit 500',
  requests_code_until:
    'select from requests where forgotten and code_until <= 1 order by code_until limit 500',
  payloads_deadline: 'select from payloads where deadline <= 1 order by deadline limit 500',
  unsigned_trees_deadline: 'select from unsigned_trees where deadline <= 1 order by deadline limit 500',
  codes_deadline: 'select from codes where deadline <= 1 order by deadline limit 500',
  counters_until: 'select from counters where until <= 1 order by until limit 500',
  anchors_pkey: "select from anchors where txid = 'x' and vout = 0",
  anchors_live: "select from anchors where public_key = 'x' and set_name = 'y' and not revoked",
  anchors_marks: "select from anchors where marks && '{a=b}'",
  anchors_revoked: 'select seq from anchors where revoked order by seq desc offset 9 limit 1',
  issuances_seq: 'select seq from issuances order by seq desc offset 9 limit 1',
  issuances_until: 'select from issuances where until <= 1 order by until limit 500',
  activities_seq: 'select doc from activities order by seq desc limit 9',
  activities_of_app: "select seq from activities where app_id = 'x' order by seq desc offset 9 limit 1",
  apps_ending: "select from apps where jsonb_path_exists(credentials, '$[*].endsAt') limit 500",
  activities_age: 'select from activities where at <= 1 order by at limit 500',
}

describe('sip: sweeps and look-ups of the database', () => {
  eachDatabase((_name, open) => {
    it('use an index', async () => {
      const { pool } = await open()
      // Of an empty table the planner would read the whole rather than an index
      const client = await pool.connect()
      try {
        await client.query('set enable_seqscan = off')
        await client.query('set enable_sort = off')
        for (const [index, statement] of Object.entries(LOOK_UPS)) {
          const { rows } = await client.query<Record<string, string>>(`explain ${statement}`)
          const plan = rows.map((row) => row['QUERY PLAN']).join('\n')
          assert.ok(plan.includes(index), `${statement}\n${plan}`)
        }
      } finally {
        client.release(true)
      }
    })

    it('take a thousand rows and more, in batches, and leave nothing behind', async () => {
      const database = await open()
      const { pool } = database
      const stores = new PostgresStores(database, { sealer, clock: () => NOW })
      await pool.query(
        `insert into requests (uuid, doc, sealed) select 'r' || i,
          jsonb_build_object('state', 'denied', 'deadline', 1, 'codeUntil', case when i % 2 = 0 then $1::bigint end), '{}'
          from generate_series(1, 1200) as i`,
        [NOW + 1],
      )
      await pool.query("insert into counts values ('requests', 1200)")
      await pool.query(
        "insert into payloads select 'p' || i, '{}', $1::bigint - i from generate_series(0, 1200) as i",
        [NOW],
      )
      await stores.requests.insert(scopeRequest({}, NOW), 2000)
      await stores.requests.forget(NOW, NOW)
      await stores.payloads.sweep()
      const counts = async (): Promise<unknown> => {
        const { rows } = await pool.query(
          `select count(*) filter (where forgotten) as forgotten, count(*) filter (where not forgotten) as live,
            (select n from counts) as counted, (select count(*) from payloads) as payloads from requests`,
        )
        return rows[0]
      }
      assert.deepEqual(await counts(), { forgotten: 600, live: 1, counted: 1, payloads: 0 })
      await stores.requests.forget(NOW, NOW + 1)
      assert.deepEqual(await counts(), { forgotten: 0, live: 1, counted: 1, payloads: 0 })
    })
  })
})
