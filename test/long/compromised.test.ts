import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EsploraLedger, signSubject, verifyOnLedger } from 'civic-attestations'
import type { Attestation } from 'civic-attestations'
import { newApp } from 'civic-sip-server'
import { openStorage, Sealer, SealError } from 'civic-sip-server/database'
import type { Queryable, Storage } from 'civic-sip-server/database'
import { Wallet } from 'civic-wallet'
import { CivicClient } from 'passport-civic-sip'
import pg from 'pg'
import { newKeyPair } from '../../sandbox/lib/new-keys.ts'
import { newRecoveryKey } from '../../sip/lib/cosigner/cosign.ts'
import { sealedTables } from '../../sip/lib/secrets/resealing.ts'
import { attest, attesterAt, walletKey } from '../support/attesting.ts'
import type { Ask, WalletKey } from '../support/attesting.ts'
import { MailServer } from '../support/mail-server.ts'
import { needsPostgres, startPostgres } from '../support/postgres.ts'
import { ServerProcess } from '../support/server-process.ts'
import { freePort } from '../support/servers.ts'
import type { TestServer } from '../support/servers.ts'
import { sipPublicKeyAt } from '../support/sip-public-key.ts'
import { AskingPage } from '../support/through-proxy.ts'

const EMAIL = 'contact.personal.email'
const SET = 'attCivicBasic'
const SITE = 'https://shop.example.org'
const [OLD, NEW, COSIGNER_SECRET] = [hex(32), hex(32), hex(32)] as const
const [ADA, BOB, GWEN] = ['ada@example.org', 'bob@example.org', 'gwen@example.org'] as const

/** Docs/hosting.md, "If somebody may have read the database and the secret", step by step. */
describe('civic-sip-server: all keys replaced, beside a cosigner', function () {
  this.timeout(300_000)
  const undo: (() => Promise<unknown>)[] = []
  let postgres: TestServer
  let mails: MailServer
  let server: ServerProcess
  let cosigner: ServerProcess
  let variables: Record<string, string>
  let cosignerVariables: Record<string, string>
  let url: string
  let app: { appId: string; prvKey: string }

  before(async function () {
    needsPostgres(this)
    postgres = await startPostgres()
    undo.push(() => postgres.stop())
    mails = await MailServer.start()
    undo.push(() => mails.stop())
    const folder = await mkdtemp(join(tmpdir(), 'civic-sip-cosigner-'))
    undo.push(() => rm(folder, { recursive: true }))
    const callKey = hex(24)
    const [port, walletPort, managementPort, cosignerPort] = await freePorts()
    const mail = { SMTP_URL: mails.url, MAIL_FROM: 'Civic <login@example.org>' }
    cosignerVariables = {
      COSIGNER_SECRET,
      COSIGNER_KEY: callKey,
      RECOVERY_XPUB: newRecoveryKey().xpub,
      PORT: cosignerPort,
      DATA_FOLDER: join(folder, 'cosigner'),
      ...mail,
    }
    url = `http://127.0.0.1:${port}`
    variables = {
      PUBLIC_URL: url,
      WALLET_URL: `http://localhost:${walletPort}`,
      MANAGEMENT_PORT: managementPort,
      DATABASE_URL: postgres.url,
      COSIGNER_URL: `http://:${callKey}@127.0.0.1:${cosignerPort}/`,
      SIP_SECRET: OLD,
      ...mail,
    }
    undo.push(() => Promise.all([server?.stop('SIGKILL'), cosigner?.stop('SIGKILL')]))
    await startCosigner()
    server = await ServerProcess.start(variables)
    const { prvKey, pubKey } = newKeyPair()
    app = { prvKey, appId: await storageBy([OLD], ({ stores }) => shopIn(stores.apps, pubKey)) }
  })
  after(async () => {
    for (const step of undo.reverse()) await step()
  })

  async function startCosigner(): Promise<void> {
    cosigner = new ServerProcess(cosignerVariables, 'cosign')
    await cosigner.until(/cosign serves/)
  }
  async function restart(secret: string): Promise<void> {
    assert.equal(await server.stop(), 0)
    variables = { ...variables, SIP_SECRET: secret }
    server = await ServerProcess.start(variables)
  }
  async function run(...args: string[]): Promise<string> {
    const command = new ServerProcess(args[0] === 'cosign' ? cosignerVariables : variables, ...args)
    assert.equal(await command.ended, 0, command.output)
    return command.output
  }
  async function storageBy<T>(secrets: string[], act: (storage: Storage) => Promise<T>): Promise<T> {
    const storage = await openStorage(postgres.url, { secrets })
    try {
      return await act(storage)
    } finally {
      await storage.close()
    }
  }
  const ask: Ask = async <T>(call: string, body?: object): Promise<T> => {
    const [method = '', path = ''] = call.split(' ')
    const headers = { 'Content-Type': 'application/json' }
    const init = body ? { method, headers, body: JSON.stringify(body) } : { method }
    const response = await fetch(url + path, init)
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`)
    return (await response.json()) as T
  }
  const attester = attesterAt(ask, '/attester')
  const authorities = async (): Promise<readonly string[]> =>
    (await ask<{ authorities: string[] }>('GET /attester')).authorities
  async function attested(key: WalletKey, value: string): Promise<Attestation> {
    await ask('POST /attester/codes', { xpub: key.xpub, label: EMAIL, value })
    const codes = { [EMAIL]: await mails.codeTo(value) }
    const { id } = await attest(attester, { set: SET, claims: { [EMAIL]: value }, codes }, key)
    return settled(id)
  }
  /** A block comes every second. */
  async function settled(id: string): Promise<Attestation> {
    for (;;) {
      const { state, attestations, reason } = await attester.status(id)
      if (state === 'attested') return attestations![0]!
      assert.equal(state, 'anchoring', reason)
    }
  }
  const onLedger = async (attestation: Attestation, by: readonly string[]): Promise<string> =>
    (await verifyOnLedger(attestation, new EsploraLedger(`${url}/ledger`), { authorities: by })).state
  async function login(person: Wallet, site: CivicClient, what: string | string[]): Promise<string> {
    const page = new AskingPage(fetch, url, SITE)
    const { confirm } = await person.approve(await person.read(await page.ask(app.appId, what)))
    await page.confirm(confirm)
    return (await site.exchangeCode((await page.poll()).authResponse!)).userId
  }
  const siteWith = (appSecret: string, sipPublicKey: string): CivicClient =>
    new CivicClient({ ...app, appSecret, sipPublicKey, api: `${url}/sip/` })
  const secretBy = (secret: string): Promise<string> =>
    storageBy([secret], async ({ stores }) => (await stores.apps.find(app.appId))!.credentials[0].appSecret)

  it('goes on with new keys, and only revokes with the former ones', async () => {
    const [ada, bob] = [walletKey(randomBytes(32)), walletKey(randomBytes(32))]
    const person = new Wallet({ seed: randomBytes(32), trustedSips: [url], allowPrivate: true })
    const oldPin = await sipPublicKeyAt(url)
    const oldSite = siteWith(await secretBy(OLD), oldPin)
    const userId = await login(person, oldSite, 'ANONYMOUS_LOGIN')
    const [adas, bobs] = [await attested(ada, ADA), await attested(bob, BOB)]
    const former = await authorities()
    assert.deepEqual([await onLedger(adas, former), await onLedger(bobs, former)], ['unspent', 'unspent'])
    const database = new pg.Client(postgres.url)
    await database.connect()
    undo.push(() => database.end())
    const stolen = await sealedRows(database)
    assert.ok(opens(stolen, OLD).length > 5)

    await restart(`${NEW},${OLD}`)
    assert.match(await run('rotate-keys', '--compromised'), /^Restart every process now\./m)
    await restart(`${NEW},${OLD}`)

    // The cosigner knows nothing of it yet: it only revokes, and trees wait
    await ask('POST /attester/revocations', {
      ...signSubject({ label: `revoke:${SET}`, data: bobs.attnData }, bob.xprv),
      label: SET,
    })
    assert.equal(await onLedger(bobs, former), 'spent')
    await ask('POST /attester/codes', { xpub: ada.xpub, label: EMAIL, value: ADA })
    const codes = { [EMAIL]: await mails.codeTo(ADA) }
    const waiting = await attest(attester, { set: SET, claims: { [EMAIL]: ADA }, codes }, ada)
    assert.equal(waiting.state, 'anchoring')
    assert.match(waiting.reason!, /the authority is another/)
    assert.equal(await cosigner.stop(), 0)
    assert.match(await run('cosign', '--new-authority'), /The former one may only revoke/)
    await startCosigner()
    const again = await settled(waiting.id)
    const now = await authorities()
    assert.notDeepEqual(now, former)
    assert.equal(await onLedger(again, now), 'unspent')
    assert.equal(await onLedger(adas, former), 'spent')
    const check = await run('check')
    for (const xpub of [...now, ...former]) assert.ok(check.includes(xpub))

    // Everything opens with the new secret alone
    await restart(NEW)
    const fresh = await sealedRows(database)
    assert.deepEqual(opens(fresh, NEW), fresh)
    assert.deepEqual(opens(fresh, OLD), [])
    assert.deepEqual(opens(stolen, NEW), [])
    const newSite = siteWith(await secretBy(NEW), await sipPublicKeyAt(url))
    const after = new Wallet({ seed: randomBytes(32), trustedSips: [url], allowPrivate: true })
    await assert.rejects(login(after, oldSite, 'ANONYMOUS_LOGIN'))
    assert.equal(await login(person, newSite, 'ANONYMOUS_LOGIN'), userId)
    const attestOf = (code?: string) => person.attest(`${url}/attester`, { [EMAIL]: GWEN }, code)
    assert.equal((await attestOf()).state, 'code-sent')
    let { state } = await attestOf(await mails.codeTo(GWEN))
    while (state === 'anchoring') ({ state } = await attestOf())
    assert.equal(state, 'attested')
    assert.equal((await login(person, newSite, [EMAIL])).length, 64)
  })
})

interface SealedRow {
  readonly table: string
  readonly row: string
  readonly column: string
  readonly text: string
}

/** Every sealed value of a database, with its place. */
async function sealedRows(database: Queryable): Promise<SealedRow[]> {
  const found: SealedRow[] = []
  for (const { table, key } of await sealedTables(database)) {
    const { rows } = await database.query<{ row: string; sealed: Record<string, string> }>(
      `select ${key}::text as row, sealed from ${table}`,
    )
    for (const { row, sealed } of rows)
      for (const [column, text] of Object.entries(sealed))
        found.push({ table, row, column: `sealed.${column}`, text })
  }
  return found
}

function opens(rows: readonly SealedRow[], secret: string): SealedRow[] {
  const sealer = new Sealer([secret])
  return rows.filter(({ text, ...place }) => {
    try {
      return sealer.open(place, text) !== undefined
    } catch (error) {
      if (error instanceof SealError) return false
      throw error
    }
  })
}

async function shopIn(apps: Storage['stores']['apps'], pubKey: string): Promise<string> {
  const app = newApp({ name: 'Shop', whitelist: ['shop.example.org'], pubKey }, Date.now)
  await apps.insert(app, 10)
  return app.appId
}

async function freePorts(): Promise<[string, string, string, string]> {
  const port = async (): Promise<string> => String(await freePort())
  return [await port(), await port(), await port(), await port()]
}

function hex(bytes: number): string {
  return randomBytes(bytes).toString('hex')
}
