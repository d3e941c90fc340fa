import { readdir } from 'node:fs/promises'
import { EmbeddedLedger, EsploraLedger } from 'civic-attestations'
import type { Ledger } from 'civic-attestations'
import { newKeyPair, randomHex } from './apps/new-keys.ts'
import type { KeyPair } from './apps/new-keys.ts'
import { PUBLIC_LEDGER } from './attester/policy.ts'
import type { Config } from './config.ts'
import type { Observer } from './http/observer.ts'
import { SharedLimits } from './http/rate-limits.ts'
import type { Act } from './operations/admin-socket.ts'
import {
  checkAll,
  examineClock,
  examineDatabase,
  examineFunds,
  examineLedger,
  examineMail,
  saidOf,
} from './operations/check.ts'
import type { HealthCheck } from './operations/health.ts'
import type { ServerLog } from './operations/logger.ts'
import type { Metrics } from './operations/metrics.ts'
import { Outbox } from './outbox/outbox.ts'
import { smtpSender } from './outbox/smtp.ts'
import { KeptSecrets } from './secrets/kept.ts'
import { createSip } from './sip.ts'
import type { AttesterOptions, Sip } from './sip.ts'
import { MIGRATIONS, openDatabase, PostgresOutbox, PostgresStores, Sealer } from './store/postgres/index.ts'
import type { Database } from './store/postgres/index.ts'
import { unref } from './timers.ts'

/** The server as the environment describes it, which listens nowhere yet. */
export interface OpenSip {
  readonly sip: Sip
  /** What wallets know the server by, beside its origin. */
  readonly sipId: string
  readonly observer: Observer
  readonly healthChecks: readonly HealthCheck[]
  /** The commands that need an open database, by name. */
  readonly acts: Readonly<Record<string, Act>>
  /** Begins to send, anchor and sweep. */
  start(): void
  /** Ends that, and gives the database back. */
  close(): Promise<void>
}

/** The server cannot run on this database. The message says what to do. */
export class Refused extends Error {
  override readonly name = 'Refused'
}

export interface OpenOptions {
  readonly log: ServerLog
  readonly metrics: Metrics
}

const SWEEP_MS = 60_000

/**
 * Opens the database, brings its tables up to date and composes the server.
 *
 * @throws FileInUse if another process has the data folder; Refused if a newer version was here, or with another secret
 */
export async function openSip(config: Config, { log, metrics }: OpenOptions): Promise<OpenSip> {
  const warn = (line: string): void => log.warn(line)
  const database = await openDatabase(config.database, { migrations: MIGRATIONS, log: warn })
  try {
    await refuseNewer(database)
    return await compose(config, database, { log, metrics })
  } catch (error) {
    await database.close()
    throw error
  }
}

async function compose(config: Config, database: Database, { log, metrics }: OpenOptions): Promise<OpenSip> {
  const { pool } = database
  const sealer = new Sealer(config.secrets)
  const stores = new PostgresStores(database, { sealer })
  const kept = new KeptSecrets(stores.settings, sealer)
  const keys = JSON.parse(await kept.once('sip keys', () => JSON.stringify(newKeyPair()))) as KeyPair
  const secret = await kept.once('attester seed', () => randomHex(32))
  const isPrivate = config.esploraUrl === undefined
  const { ledger, ...chain } = chainOf(config)
  const smtp = config.smtp && smtpSender(config.smtp)
  const messages = new PostgresOutbox(pool)
  const outbox = new Outbox({
    store: messages,
    seal: sealer,
    senders: { ...(smtp && { email: smtp.send }) },
    log: (line) => log.warn(line),
  })
  const { confirmations } = config
  const anchoring = isPrivate ? { confirmations } : { ...PUBLIC_LEDGER, confirmations }
  const limits = new SharedLimits(pool, sealer.hmac('rate limits', ''))
  const observer = observerOf(log, metrics)
  const sip = createSip({
    url: config.publicUrl,
    walletUrl: config.walletUrl,
    secret,
    keys,
    ledger,
    mailer: outbox,
    stores,
    attester: { ...chain, codes: 'letters', anchoring },
    observer,
    limits,
    trustProxy: config.trustProxy,
    confirm: config.confirm,
    confirmations,
  })
  const sipId = await stores.settings.once('sipId', randomHex(16))
  metrics.gauge('civic_sip_queue_length', 'How many wait', 'queue', {
    outbox: async () => (await messages.count()).waiting,
    'given up': async () => (await messages.count()).dead,
    anchoring: async () => (await stores.anchoring.count()).waiting,
    'on the ledger': async () => (await stores.anchoring.count()).sendings,
  })
  watchLedger(metrics, ledger)
  const examinations = [
    examineDatabase(pool),
    examineClock(pool, config.esploraUrl),
    examineMail(smtp?.check),
    examineLedger(ledger, isPrivate),
    examineFunds(() => sip.anchoring(), isPrivate),
  ]
  const fundsProblem = async (): Promise<string | undefined> =>
    (await sip.anchoring()).problems.join('; ') || undefined
  let sweeper: NodeJS.Timeout | undefined
  return {
    sip,
    sipId,
    observer,
    healthChecks: [
      { name: 'database', isVital: true, check: async () => void (await pool.query('select 1')) },
      { name: 'ledger', isVital: true, check: async () => void (await ledger.tipHeight()) },
      ...(isPrivate ? [] : [{ name: 'funds', isVital: false, check: fundsProblem }]),
      ...(smtp ? [{ name: 'mail', isVital: false, check: async () => void (await smtp.check()) }] : []),
    ],
    acts: {
      check: async () => saidOf(await checkAll(examinations)),
      // Opening the database did it
      migrate: () => Promise.resolve({ lines: ['The tables are up to date.'], isDone: true }),
    },
    start: () => {
      outbox.start()
      const sweep = async (): Promise<void> => {
        await limits.sweep()
        await outbox.sweep()
      }
      sweeper = unref(
        setInterval(() => void sweep().catch((error: unknown) => log.failed('sweep', error)), SWEEP_MS),
      )
    },
    close: async () => {
      clearInterval(sweeper)
      await outbox.close()
      await sip.close()
      smtp?.close()
      await database.close()
    },
  }
}

function chainOf({
  esploraUrl,
  network,
}: Config): { ledger: Ledger } & Pick<AttesterOptions, 'sent' | 'fund'> {
  if (esploraUrl !== undefined) return { ledger: new EsploraLedger(esploraUrl, { network }) }
  const ledger = new EmbeddedLedger({ network })
  return { ledger, sent: () => void ledger.mine(), fund: (script) => void ledger.mine(script) }
}

/** The ledger's height, and how long no block came: one comes every ten minutes, seldom an hour later. */
function watchLedger(metrics: Metrics, ledger: Ledger): void {
  let last = { height: -1, since: Date.now() }
  const look = async (): Promise<typeof last> => {
    const height = await ledger.tipHeight()
    if (height !== last.height) last = { height, since: Date.now() }
    return last
  }
  const { network } = ledger
  metrics.gauge('civic_sip_ledger_height', 'The last block', 'network', {
    [network]: async () => (await look()).height,
  })
  metrics.gauge('civic_sip_ledger_lag_seconds', 'Since when this process saw no new block', 'network', {
    [network]: async () => (Date.now() - (await look()).since) / 1000,
  })
}

function observerOf(log: ServerLog, metrics: Metrics): Observer {
  return {
    request: (request) => {
      log.request(request)
      metrics.request(request)
    },
    moved: (state) => metrics.moved(state),
    failed: (error, requestId) => {
      log.failed(requestId === undefined ? 'work' : 'request', error, requestId)
      metrics.failed()
    },
  }
}

/** Tables that a newer version made may mean what this one does not know. */
async function refuseNewer(database: Database): Promise<void> {
  const known = new Set(await readdir(MIGRATIONS))
  const { rows } = await database.pool.query<{ name: string }>('select name from migrations')
  const newer = rows.find(({ name }) => !known.has(name))
  if (newer)
    throw new Refused(
      `A newer version of the server changed this database (${newer.name}): start that version, or restore a backup.`,
    )
}
