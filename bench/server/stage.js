/** PostgreSQL, processes of civic-sip-server on it, and apps: what the parts of this bench measure. */
import { Buffer } from 'node:buffer'
import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import pg from 'pg'
import { newKeyPair } from '../../sandbox/lib/new-keys.ts'
import { readConfig } from '../../sip/lib/config.ts'
import { openSip } from '../../sip/lib/open-sip.ts'
import { ServerLog } from '../../sip/lib/operations/logger.ts'
import { Metrics } from '../../sip/lib/operations/metrics.ts'
import { ServerProcess } from '../../test/support/server-process.ts'
import { freePort } from '../../test/support/servers.ts'
import { sipPublicKeyAt } from '../../test/support/sip-public-key.ts'

export const SITE = 'https://shop.example.org'
/** Each may exchange 3,000 codes a minute. */
const APPS = 8
/** Of the kernel's clock, a second. */
const TICKS = 100

/**
 * Starts processes of the server on a database.
 *
 * @param {string} databaseUrl
 * @param {number} count of processes
 * @param {Record<string, string>} more variables
 */
export async function startServers(databaseUrl, count, more = {}) {
  const ports = []
  for (let at = 0; at < count; at++) ports.push(await freePort())
  const url = `http://127.0.0.1:${ports[0]}`
  const shared = {
    PUBLIC_URL: url,
    WALLET_URL: 'http://localhost:9',
    SIP_SECRET: randomBytes(32).toString('hex'),
    DATABASE_URL: databaseUrl,
    TRUST_PROXY: 'loopback',
    ...more,
  }
  const all = []
  for (const port of ports) {
    const [WALLET_PORT, MANAGEMENT_PORT] = [String(await freePort()), String(await freePort())]
    all.push({ ...shared, PORT: String(port), WALLET_PORT, MANAGEMENT_PORT })
  }
  const apps = await newApps(all[0])
  const servers = await Promise.all(all.map((variables) => ServerProcess.start(variables)))
  const metrics = async () => {
    const texts = all.map(async ({ MANAGEMENT_PORT }) =>
      (await globalThis.fetch(`http://127.0.0.1:${MANAGEMENT_PORT}/metrics`)).text(),
    )
    return Promise.all(texts)
  }
  return {
    url,
    ports,
    apps,
    sipPublicKey: await sipPublicKeyAt(url),
    variables: all[0],
    /** Milliseconds of processor time of all processes so far. */
    cpu: async () => sum((await metrics()).map((text) => 1000 * valueOf(text, 'process_cpu_seconds_total'))),
    /** Bytes of memory of all processes, after those that listen to SIGUSR2 have collected their garbage. */
    needed: async () => {
      for (let times = 0; times < 2; times++) {
        for (const { child } of servers) child.kill('SIGUSR2')
        await metrics()
      }
      const texts = await metrics()
      const of = (name) => sum(texts.map((text) => valueOf(text, name)))
      return { heap: of('nodejs_heap_size_used_bytes'), resident: of('process_resident_memory_bytes') }
    },
    stop: () => Promise.all(servers.map((server) => server.stop('SIGKILL'))),
  }
}

async function newApps(variables) {
  const log = new ServerLog('silent')
  const open = await openSip(readConfig(variables).config, { log, metrics: new Metrics() })
  try {
    return await Promise.all(
      Array.from({ length: APPS }, async (_, at) => {
        const { prvKey, pubKey } = newKeyPair()
        return { ...(await open.sip.createApp({ name: `Shop ${at}`, whitelist: [SITE], pubKey })), prvKey }
      }),
    )
  } finally {
    await open.close()
  }
}

/** Makes a further database on the same server. @returns its URL */
export async function newDatabase(url, name) {
  await query(url, `create database ${name}`)
  return url.replace(/\/\w+$/, `/${name}`)
}

export async function query(url, statement, values) {
  const client = new pg.Client(url)
  await client.connect()
  try {
    return (await client.query(statement, values)).rows
  } finally {
    await client.end()
  }
}

/** Milliseconds of processor time of a PostgreSQL server so far, with that of the connections that have ended. */
export function postgresCpu(url) {
  const port = new globalThis.URL(url).port
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => statOf(pid) ?? [])
  const main = processes.find(({ pid }) => isMain(pid, port))
  const times = processes.filter(({ parent }) => parent === main?.pid).map(({ own }) => own)
  return (1000 / TICKS) * ((main?.own ?? 0) + (main?.ended ?? 0) + sum(times))
}

function statOf(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const fields = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number)
    return { pid, parent: String(fields[1]), own: fields[11] + fields[12], ended: fields[13] + fields[14] }
  } catch {
    // It has ended since
    return undefined
  }
}

function isMain(pid, port) {
  try {
    const args = readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0')
    return args[0].endsWith('/postgres') && args[args.indexOf('-p') + 1] === port
  } catch {
    return false
  }
}

function valueOf(metrics, name) {
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(metrics)?.[1])
}

export const sum = (values) => values.reduce((total, value) => total + value, 0)

export const hex = (bytes) => Buffer.from(randomBytes(bytes)).toString('hex')
