/** What a login costs where the tables are empty, and where they are full. */
import console from 'node:console'
import { performance } from 'node:perf_hooks'
import { number, times } from '../support/format.js'
import { median, ratio } from '../support/measure.js'
import { ms } from './logins.js'
import { newDatabase, postgresCpu, query, startServers } from './stage.js'
import { stagedLogins } from './staged.js'

/** Part 3: logins on an empty database and on a full one, in turns. */
export async function growth(postgres, { isShort }) {
  const rows = isShort ? { requests: 10_000, apps: 1_000 } : { requests: 1_000_000, apps: 100_000 }
  const names = { empty: 'growth_empty', full: 'growth_full' }
  const stages = {}
  try {
    for (const [which, name] of Object.entries(names)) {
      const url = await newDatabase(postgres.url, name)
      const servers = (stages[which] = await startServers(url, 1))
      servers.database = url
      await stagedLogins(servers, { count: isShort ? 4 : 48, concurrency: 8 })
    }
    const started = performance.now()
    await fill(stages.full.database, rows)
    console.log(`filled in ${number((performance.now() - started) / 1000)} s`)
    const results = { empty: [], full: [] }
    const size = isShort ? { count: 4, concurrency: 4 } : { count: 48, concurrency: 8 }
    for (let round = -1; round < (isShort ? 1 : 12); round++) {
      for (const [which, servers] of Object.entries(stages)) {
        const before = postgresCpu(postgres.url)
        const { ms: took, cpu } = await stagedLogins(servers, size)
        const database = postgresCpu(postgres.url) - before
        if (round >= 0)
          results[which].push({
            took: took / size.count,
            cpu: cpu / size.count,
            database: database / size.count,
          })
      }
    }
    const only = (which, name) => results[which].map((figures) => figures[name])
    const row = (label, name) => [
      label,
      ms(median(only('empty', name))),
      ms(median(only('full', name))),
      times(ratio(only('full', name), only('empty', name))),
    ]
    await slowest(stages.full.database)
    return {
      head: [
        `one login of ${size.concurrency} at once`,
        'empty tables',
        `${number(rows.requests)} requests, ${number(rows.apps)} apps`,
        '× (quartiles)',
      ],
      rows: [
        row('time', 'took'),
        row('processor time of the server', 'cpu'),
        row('processor time of PostgreSQL', 'database'),
      ],
    }
  } finally {
    for (const servers of Object.values(stages)) await servers.stop()
  }
}

/**
 * Copies of what is there, under other names. The requests have ended, and no sweep takes them for a day. They are
 * without their tokens and what is sealed in them, since a gigabyte is enough.
 */
async function fill(url, { requests, apps }) {
  const day = Date.now() + 24 * 60 * 60_000
  await query(
    url,
    `insert into apps (app_id, doc, credentials, sealed)
      select 'app' || n, doc || jsonb_build_object('appId', 'app' || n, 'name', 'App ' || n,
          'whitelist', jsonb_build_array('https://site' || n || '.example.org', 'site' || n || '.example.org')),
        credentials, sealed
      from generate_series(1, $1) as n, (select * from apps order by seq limit 1) as one`,
    [apps],
  )
  await query(
    url,
    `insert into requests (uuid, doc, sealed, code_hash, slots, forgotten)
      select gen_random_uuid()::text,
        doc - 'token' || jsonb_build_object('deadline', $2::bigint + n, 'codeUntil', $2::bigint + n, 'state', 'exchanged',
          'appId', 'app' || (n % 1000 + 1)),
        '{}', encode(sha256(n::text::bytea), 'hex'), slots, n % 2 = 0
      from generate_series(1, $1) as n, (select * from requests limit 1) as one`,
    [requests, day],
  )
  await query(
    url,
    `insert into rate_limits (key, points, expire) select 'ask:' || n, 1, $2 from generate_series(1, $1) as n`,
    [requests / 10, day],
  )
  await query(url, 'vacuum analyze')
  // Else PostgreSQL writes these rows to the disk while the logins run
  await query(url, 'checkpoint')
}

/** Shows the tables that are read from end to end: an index is missing there, or they are small. */
async function slowest(url) {
  const rows = await query(
    url,
    `select relname, seq_scan, seq_tup_read, n_live_tup from pg_stat_user_tables
      where seq_tup_read > 0 order by seq_tup_read desc limit 8`,
  )
  for (const { relname, seq_scan, seq_tup_read, n_live_tup } of rows)
    console.log(`${relname}: ${n_live_tup} rows, ${seq_scan} scans of ${seq_tup_read} rows`)
}
