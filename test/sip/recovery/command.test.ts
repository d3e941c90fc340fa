import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import pg from 'pg'
import { balance, fundingScript, handleEsplora } from 'civic-attestations'
import type { Issuer as Parties } from 'civic-attestations'
import { authorityKey, PATH } from '../../../sip/lib/attester/signers.ts'
import { extendedKey } from '../../../sip/lib/attester/xpub.ts'
import { keptSeed, newRecoveryKey } from '../../../sip/lib/cosigner/cosign.ts'
import { AUTHORITY } from '../../../sip/lib/cosigner/store.ts'
import { actsOfRunning } from '../../../sip/lib/operations/acts.ts'
import { listenToCommands } from '../../../sip/lib/operations/admin-socket.ts'
import { parse } from '../../../sip/lib/command.ts'
import type { Command } from '../../../sip/lib/command.ts'
import { runRecover } from '../../../sip/lib/recovery/command.ts'
import {
  COSIGNER_MIGRATIONS,
  openDatabase,
  openStorage,
  PostgresCosigner,
  PostgresPartnerStores,
  PostgresStores,
  replaceSealedKeys,
  Sealer,
} from '../../../sip/lib/store/postgres/index.ts'
import type { Database, Storage } from '../../../sip/lib/store/postgres/index.ts'
import { COSIGNER } from '../../../sip/lib/store/stores.ts'
import { listen } from '../../support/http.ts'
import type { Listening } from '../../support/http.ts'
import { PretendNode } from '../../support/node.ts'
import { needsPostgres, startPostgres } from '../../support/postgres.ts'
import { ServerProcess } from '../../support/server-process.ts'
import type { TestServer } from '../../support/servers.ts'

const ADDRESS = 'tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx'

describe('civic-sip-server recover', function () {
  this.timeout(60_000)
  const recovery = newRecoveryKey()
  const node = new PretendNode()
  let postgres: TestServer | undefined
  let esplora: Listening
  let storage: Storage
  let cosigner: Database
  let parties: Parties
  let own: { server: Record<string, string>; cosigner: Record<string, string> }
  let secrets: string[]

  before(async function () {
    needsPostgres(this)
    postgres = await startPostgres()
    const admin = new pg.Client(postgres.url)
    await admin.connect()
    for (const name of ['cosigner', 'other', 'empty']) await admin.query(`create database ${name}`)
    await admin.end()
    esplora = await listen(
      createServer((req, res) => {
        void text(req).then(async (body) => {
          const answer = await handleEsplora(node, req.method ?? '', req.url ?? '', body)
          res.writeHead(answer.status, { 'Content-Type': answer.contentType }).end(answer.body)
        })
      }),
    )
    const chain = { ESPLORA_URL: esplora.origin, NETWORK: 'tbch' }
    const [sipSecret, cosignerSecret] = [randomBytes(32).toString('hex'), randomBytes(32).toString('hex')]
    own = {
      server: {
        ...chain,
        PUBLIC_URL: 'https://sip.example.org',
        WALLET_URL: 'https://wallet.example.org',
        SIP_SECRET: sipSecret,
        DATABASE_URL: postgres.url,
        COSIGNER_URL: `https://:${'k'.repeat(32)}@cosigner.example.org/`,
      },
      cosigner: {
        ...chain,
        COSIGNER_SECRET: cosignerSecret,
        COSIGNER_KEY: 'k'.repeat(32),
        RECOVERY_XPUB: recovery.xpub,
        DATABASE_URL: databaseOf('cosigner'),
      },
    }
    storage = await openStorage(postgres.url, { secrets: [sipSecret], log: () => undefined })
    cosigner = await openDatabase(databaseOf('cosigner'), {
      migrations: COSIGNER_MIGRATIONS,
      log: () => undefined,
    })
    const seed = await keptSeed(new PostgresCosigner(cosigner.pool), new Sealer([cosignerSecret]))
    const second = extendedKey(Buffer.from(seed, 'hex'))
    const authority = authorityKey(storage.attesterSeed)
    parties = {
      authority: { xpub: authority.xpub, path: PATH },
      cosigners: [{ xpub: second.xpub }, { xpub: recovery.xpub }],
    }
    await storage.stores.settings.once(COSIGNER, JSON.stringify([second.xpub, recovery.xpub]))
    secrets = [
      recovery.xprv,
      second.xprv,
      authority.xprv,
      seed,
      storage.attesterSeed,
      sipSecret,
      cosignerSecret,
    ]
  })
  beforeEach(async () => {
    if ((await balance(node, parties)) === 0) node.mine(fundingScript(parties))
  })
  after(async () => {
    await storage?.close()
    await cosigner?.close()
    await esplora?.close()
    await postgres?.stop()
  })

  const databaseOf = (name: string): string => postgres!.url.replace(/\/postgres$/, `/${name}`)
  /** Runs the command in this process and types lines. @returns the output */
  const run = async (
    variables: Record<string, string>,
    args: readonly string[],
    ...typed: readonly string[]
  ): Promise<string> => {
    const stdout = new PassThrough()
    const stdin = Readable.from(typed.map((line) => `${line}\n`))
    const { lines } = await runRecover(parse(['recover', ...args]) as Command, {
      env: variables,
      stdin,
      stdout,
    })
    stdout.end()
    const output = [await text(stdout), ...lines].join('\n')
    for (const secret of secrets) assert.ok(!output.includes(secret))
    return output
  }
  const to = ['--to', ADDRESS, '--yes']
  const recovers = async (variables: Record<string, string>, ...typed: readonly string[]): Promise<void> => {
    const args = variables === own.cosigner ? [...to, '--cosigner'] : to
    assert.match(await run(variables, args, ...typed), /^Sent to tb1\w+ in transaction [0-9a-f]{64}\.$/m)
  }
  const fails = (
    variables: Record<string, string>,
    args: readonly string[],
    message: RegExp,
  ): Promise<void> => assert.rejects(run(variables, args), message)
  const audit = async (): Promise<unknown[]> => {
    const { audit: store } = new PostgresPartnerStores(storage.database.pool, storage.sealer)
    return (await store.list(undefined, 10)).map(({ who, what, detail }) => [who, what, detail])
  }

  it('moves the money on the server’s machine, and leaves an entry in the audit log', async () => {
    const command = new ServerProcess(own.server, 'recover', '--to', ADDRESS).type(recovery.xprv, 'yes')
    assert.equal(await command.ended, 0)
    for (const secret of secrets) assert.ok(!command.output.includes(secret))
    const [, txid] = /^Sent to tb1\w+ in transaction ([0-9a-f]{64})\.$/m.exec(command.output) ?? []
    assert.deepEqual(node.taken, [txid])
    assert.deepEqual(await audit(), [['Command line', 'money.recovered', txid]])
    await fails(own.server, to, /^RecoveryError: Nothing to recover: no money is at 2\w+\.$/)
  })

  it('moves it on the cosigner’s machine', async () => {
    const store = new PostgresCosigner(cosigner.pool)
    assert.deepEqual(await store.authorities(), [])
    // It has signed for no server, and has to be told the xpub
    await fails(own.cosigner, [...to, '--cosigner'], /^RecoveryError: This is not an extended public key/)
    await recovers(own.cosigner, parties.authority.xpub, recovery.xprv)
    await store.once(AUTHORITY, parties.authority.xpub)
    node.mine(fundingScript(parties))
    await recovers(own.cosigner, recovery.xprv)
    // The keys of the server were replaced
    await store.replaceAuthority()
    await store.once(AUTHORITY, newRecoveryKey().xpub)
    node.mine(fundingScript(parties))
    await recovers(own.cosigner, recovery.xprv)
  })

  it('makes no key in a database without one', async () => {
    const DATABASE_URL = databaseOf('empty')
    await fails(
      { ...own.cosigner, DATABASE_URL },
      [...to, '--cosigner'],
      /^RecoveryError: This database has no key of a cosigner\. Check DATABASE_URL or DATA_FOLDER, or restore/,
    )
    const empty = await openDatabase(DATABASE_URL, { migrations: COSIGNER_MIGRATIONS, log: () => undefined })
    const { rowCount } = await empty.pool.query('select from cosigner_settings')
    await empty.close()
    assert.equal(rowCount, 0)
  })

  it('waits while a server makes a transaction', async () => {
    const release = await storage.database.lock('issuer')
    const moving = recovers(own.server, recovery.xprv)
    await someoneWaits()
    assert.ok((await balance(node, parties)) > 0)
    await release()
    await moving

    /** A process waits for the lock. */
    async function someoneWaits(): Promise<void> {
      const sql = "select from pg_locks where locktype = 'advisory' and not granted"
      const { rows } = await storage.database.pool.query(sql)
      if (rows.length === 0) await someoneWaits()
    }
  })

  it('keeps the cosigner if its entry in the audit log cannot be stored', async () => {
    const { pool } = storage.database
    await pool.query('alter table audit rename to hidden')
    await fails(own.server, ['--new-cosigner'], /^error: relation "audit" does not exist$/)
    await pool.query('alter table hidden rename to audit')
    const { rowCount } = await pool.query('select from settings where name = $1', [COSIGNER])
    assert.equal(rowCount, 1)
  })

  it('lets the server have another cosigner, and still finds what the former one held', async () => {
    assert.match(await run(own.server, ['--new-cosigner']), /^The next start accepts the cosigner/m)
    await fails(own.server, ['--new-cosigner'], /^RecoveryError: This server has no cosigner/)
    const next = JSON.stringify([newRecoveryKey().xpub, newRecoveryKey().xpub])
    const { settings } = new PostgresStores(storage.database, { sealer: storage.sealer })
    assert.equal(await settings.once(COSIGNER, next), next)
    await recovers(own.server, recovery.xprv)
    assert.deepEqual((await audit())[1], ['Command line', 'cosigner.replaced', undefined])
  })

  it('finds the money of keys that were replaced', async () => {
    await replaceSealedKeys(storage.database, storage.sealer)
    await recovers(own.server, recovery.xprv)
  })

  it('refuses what it cannot do, and says what to do', async () => {
    await recovers(own.server, recovery.xprv)
    const { ESPLORA_URL: _, NETWORK: __, ...without } = own.server
    const other = randomBytes(32).toString('hex')
    await fails(own.server, ['--yes'], /^RecoveryError: recover: name the address to pay to: --to ADDRESS$/)
    await fails(
      own.server,
      [...to, '--new-cosigner'],
      /^RecoveryError: recover: --new-cosigner stands alone$/,
    )
    await fails(without, to, /^RecoveryError: ESPLORA_URL is not set/)
    await fails(
      { ...own.server, DATABASE_URL: databaseOf('other') },
      to,
      /^RecoveryError: This server has no cosigner/,
    )
    await fails({ ...own.server, SIP_SECRET: other }, to, /^SealError: /)
    await fails({ ...own.cosigner, COSIGNER_SECRET: other }, [...to, '--cosigner'], /^SealError: /)
    await storage.database.pool.query("insert into migrations values ('9999-later.sql')")
    await fails(own.server, to, /^Refused: A newer version of the server changed this database/)
  })

  it('refuses beside a server on the embedded database', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'recover-'))
    const close = await listenToCommands(folder, actsOfRunning({}))
    const { DATABASE_URL: _, ...others } = own.server
    const refused = 'The server that runs spends the same money. Stop it before you recover.'
    for (const args of [to, ['--new-cosigner']])
      assert.equal(await run({ ...others, DATA_FOLDER: folder }, args), `\n${refused}`)
    await close()
    await rm(folder, { recursive: true })
  })
})
