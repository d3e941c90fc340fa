import { readdir } from 'node:fs/promises'
import { EsploraLedger } from 'civic-attestations'
import type { Ledger } from 'civic-attestations'
import type { Network } from './apps/domain-proof.ts'
import { randomHex } from './apps/new-keys.ts'
import type { AttesterOptions } from './attester/attester-side.ts'
import { PUBLIC_LEDGER } from './attester/policy.ts'
import { localSigners } from './attester/signers.ts'
import type { Signers } from './attester/signers.ts'
import type { Config } from './config.ts'
import { connectCosigner } from './cosigner/remote.ts'
import type { Observer } from './http/observer.ts'
import { amountsOf, SharedLimits } from './http/rate-limits.ts'
import type { Act } from './operations/admin-socket.ts'
import { actsOf } from './operations/acts.ts'
import type { HealthCheck } from './operations/health.ts'
import type { ServerLog } from './operations/logger.ts'
import type { Metrics } from './operations/metrics.ts'
import { tellOfNextKey } from './operations/rotate-keys.ts'
import { shared, watchFunds, watchLedger } from './operations/watch-ledger.ts'
import { Outbox } from './outbox/outbox.ts'
import { smsSender } from './outbox/sms-webhook.ts'
import { smtpSender } from './outbox/smtp.ts'
import { OwnerMail } from './partners/owner-mail.ts'
import { createSip } from './sip.ts'
import type { Sip } from './sip-options.ts'
import {
  MIGRATIONS,
  openDatabase,
  PostgresEmails,
  PostgresOutbox,
  PostgresPartnerStores,
  PrivateLedger,
  reseal,
  storageIn,
  transactIn,
} from './store/postgres/index.ts'
import type { Database, Queryable, Storage } from './store/postgres/index.ts'
import { unref } from './timers.ts'

/** The server that the environment describes, before it listens. */
export interface OpenSip {
  readonly sip: Sip
  /** The server's id for wallets, besides its origin. */
  readonly sipId: string
  readonly observer: Observer
  readonly healthChecks: readonly HealthCheck[]
  /** The commands that need an open database, by name. */
  readonly acts: Readonly<Record<string, Act>>
  /** Starts sending messages and sweeping. */
  start(): void
  /** Stops that, and closes the database. */
  close(): Promise<void>
}

/** The server cannot run on this database. The message says what to do. */
export class Refused extends Error {
  override readonly name = 'Refused'
}

export interface OpenOptions {
  readonly log: ServerLog
  readonly metrics: Metrics
  /** How proofs of domains are looked for. Default: DNS, and https on port 443 of public addresses. */
  readonly network?: Network | undefined
}

const SWEEP_MS = 60_000
const REMIND_MS = 60 * 60_000

/**
 * Opens the database, brings its tables up to date and composes the server.
 *
 * @throws FileInUse if another process has the data folder; SealError if the database was made with another secret;
 *   Refused if a newer version was here
 */
export async function openSip(config: Config, options: OpenOptions): Promise<OpenSip> {
  const log = (line: string): void => options.log.warn(line)
  const database = await openDatabase(config.database, { migrations: MIGRATIONS, log })
  try {
    await refuseNewer(database)
    return await compose(config, await storageIn(database, { secrets: config.secrets, log }), options)
  } catch (error) {
    await database.close()
    throw error
  }
}

async function compose(
  config: Config,
  storage: Storage,
  { log, metrics, network }: OpenOptions,
): Promise<OpenSip> {
  const { database, sealer, stores, keys, secret, attesterSeed } = storage
  const { pool } = database
  const isPrivate = config.esploraUrl === undefined
  const { ledger, mine, ...chain } = await chainOf(config, database, log)
  const { confirmations, cosignerUrl, smsWebhookUrl } = config
  const cosigner =
    cosignerUrl === undefined
      ? undefined
      : await connectCosigner({ url: cosignerUrl, seed: attesterSeed, settings: stores.settings })
  const former = await formerSigners(config, storage)
  if (cosigner && !cosigner.facts.needsEvidence)
    log.warn('The cosigner asks for no evidence: it limits money only, and not what is attested.')
  const smtp = config.smtp && smtpSender(config.smtp)
  const senders = {
    ...(smtp && { email: smtp.send }),
    ...(smsWebhookUrl !== undefined && { sms: smsSender({ url: smsWebhookUrl }) }),
  }
  const outboxBy = (db: Queryable): Outbox =>
    new Outbox({ store: new PostgresOutbox(db), seal: sealer, senders, log: (line) => log.warn(line) })
  const messages = new PostgresOutbox(pool)
  const outbox = outboxBy(pool)
  const limits = new SharedLimits(pool, sealer.hmac('rate limits', ''), amountsOf(config.limits))
  const observer = observerOf(log, metrics)
  const partnerStores = new PostgresPartnerStores(pool, sealer)
  const mailerBy = (db: Queryable): Outbox | undefined => smtp && outboxBy(db)
  const transact = transactIn(pool, sealer, mailerBy)
  const mailer = smtp && outbox
  const sip = createSip({
    url: config.publicUrl,
    walletUrl: config.walletUrl,
    secret,
    keys,
    ledger,
    mailer,
    texter: outbox.texter,
    stores,
    attester: {
      ...chain,
      seed: attesterSeed,
      ...(cosigner && {
        signers: cosigner.signers,
        reviewerKeys: cosigner.reviewerKeys,
        ...(cosigner.proofs && { proofs: cosigner.proofs }),
      }),
      former: { secrets: storage.former.secrets, signers: former },
      realPeople: true,
      anchoring: isPrivate ? { confirmations } : { ...PUBLIC_LEDGER, confirmations },
    },
    partners: { stores: partnerStores, transact, ...(network && { network }) },
    observer,
    limits,
    trustProxy: config.trustProxy,
    confirm: config.confirm,
    confirmations,
  })
  const sipId = await stores.settings.once('sipId', randomHex(16))
  const outgoing = shared(() => messages.count())
  const trees = shared(() => stores.anchoring.count())
  metrics.gauge('civic_sip_queue_length', 'How many wait', 'queue', {
    outbox: async () => (await outgoing()).waiting,
    'given up': async () => (await outgoing()).dead,
    anchoring: async () => (await trees()).waiting,
    'on the ledger': async () => (await trees()).sendings,
  })
  watchLedger(metrics, ledger)
  const anchoring = shared(() => sip.anchoring())
  const fundsProblem = async (): Promise<string | undefined> =>
    (await anchoring()).problems.join('; ') || undefined
  const warnOfFunds = isPrivate
    ? () => Promise.resolve()
    : watchFunds(metrics, ledger.network, anchoring, (line) => log.warn(line))
  const ownerMailBy = (db: Queryable): OwnerMail =>
    new OwnerMail({
      emails: new PostgresEmails(db, sealer),
      mailer: mailerBy(db),
      failed: (error) => log.failed('email to owners', error),
    })
  const rotation = { storage, ownerMailBy, url: config.publicUrl }
  const timers: NodeJS.Timeout[] = []
  let stopMining = (): void => undefined
  return {
    sip,
    sipId,
    observer,
    healthChecks: [
      { name: 'database', isVital: true, check: unless(() => pool.query('select 1')) },
      { name: 'ledger', isVital: true, check: unless(() => ledger.tipHeight()) },
      ...(isPrivate ? [] : [{ name: 'funds', isVital: false, check: fundsProblem }]),
      ...(smtp ? [{ name: 'mail', isVital: false, check: unless(smtp.check) }] : []),
    ],
    acts: actsOf({ storage, sip, ledger, config, checkMail: smtp?.check, ownerMailBy }),
    start: () => {
      outbox.start()
      stopMining = mine()
      const sweep = async (): Promise<void> => {
        await limits.sweep()
        await outbox.sweep()
      }
      const failed = (error: unknown): void => log.failed('sweep', error)
      const remind = (): void => {
        tellOfNextKey(rotation, Date.now()).catch((error: unknown) => log.failed('email to owners', error))
        warnOfFunds().catch((error: unknown) => log.failed('funds', error))
      }
      remind()
      timers.push(unref(setInterval(() => void sweep().catch(failed), SWEEP_MS)))
      timers.push(unref(setInterval(remind, REMIND_MS)))
      if (config.secrets.length > 1)
        sealAnew(storage, log).catch((error: unknown) => log.failed('sealing anew', error))
    },
    close: async () => {
      timers.forEach(clearInterval)
      stopMining()
      await outbox.close()
      await sip.close()
      smtp?.close()
      await storage.close()
    },
  }
}

/** A check passes unless it throws. */
function unless(look: () => Promise<unknown>): () => Promise<undefined> {
  return async () => {
    await look()
    return undefined
  }
}

interface Chain extends Pick<AttesterOptions, 'sent' | 'fund'> {
  readonly ledger: Ledger
  /** Makes blocks, if this server has a private ledger. @returns a function that stops that */
  readonly mine: () => () => void
}

async function chainOf({ esploraUrl, network }: Config, database: Database, log: ServerLog): Promise<Chain> {
  if (esploraUrl !== undefined)
    return { ledger: new EsploraLedger(esploraUrl, { network }), mine: () => () => undefined }
  const ledger = await PrivateLedger.open(database, { network, log: (line) => log.warn(line) })
  return { ledger, ...ledger.attester, mine: () => ledger.startMining() }
}

/** Each seed had the current cosigner, or all three keys here. The anchors show which. */
async function formerSigners({ cosignerUrl: url }: Config, { former }: Storage): Promise<Signers[]> {
  const signers: Signers[] = []
  for (const seed of former.attesterSeeds) {
    signers.push(localSigners(seed))
    if (url !== undefined) signers.push((await connectCosigner({ url, seed })).signers)
  }
  return signers
}

/** With two secrets set, seals everything with the current one. */
async function sealAnew({ database, sealer }: Storage, log: ServerLog): Promise<void> {
  const { rows, unreadable } = await reseal(database.pool, sealer)
  if (rows > 0) log.info(`${rows} rows are sealed with the current SIP_SECRET now`)
  for (const [table, count] of Object.entries(unreadable))
    log.warn(`${count} rows of ${table} open with neither secret of SIP_SECRET`)
  if (Object.keys(unreadable).length === 0)
    log.info('The previous secret is not needed any more: leave it out of SIP_SECRET')
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

/** This version may not understand tables that a newer version made. */
export async function refuseNewer(database: Database): Promise<void> {
  const known = new Set(await readdir(MIGRATIONS))
  const { rows } = await database.pool.query<{ name: string }>('select name from migrations')
  const newer = rows.find(({ name }) => !known.has(name))
  if (newer)
    throw new Refused(
      `A newer version of the server changed this database (${newer.name}): start that version, or restore a backup.`,
    )
}
