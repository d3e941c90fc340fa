import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { EmbeddedLedger, verifyOnLedger } from 'civic-attestations'
import { MemoryStores } from 'civic-sip-server'
import { COSIGNER_MIGRATIONS, openDatabase, PostgresCosigner } from 'civic-sip-server/database'
import type { Database } from 'civic-sip-server/database'
import { newRecoveryKey, startCosigner } from '../../sip/lib/cosigner/cosign.ts'
import type { RunningCosigner } from '../../sip/lib/cosigner/cosign.ts'
import { MemoryCosigner } from '../../sip/lib/cosigner/memory-store.ts'
import { connectCosigner } from '../../sip/lib/cosigner/remote.ts'
import type { CosignerStore } from '../../sip/lib/cosigner/store.ts'
import { newKeyPair } from '../../sandbox/lib/new-keys.ts'
import { attest, attesterAt, walletKey } from '../support/attesting.ts'
import { EMAIL } from '../support/sandbox-attester.ts'
import { AttesterServer } from './support/attester-server.ts'
import { plainSeal } from './support/seal.ts'

const KEY = 'k'.repeat(32)
const FINN = 'finn@example.org'
const HOUR = 60 * 60_000

describe('sip: a cosigner as a separate program', () => {
  const recovery = newRecoveryKey()
  let store: MemoryCosigner
  let cosigner: RunningCosigner
  let lines: string[]
  let mails: string[]
  beforeEach(() => {
    store = new MemoryCosigner()
    lines = []
    mails = []
  })
  afterEach(() => cosigner.close())
  const start = async ({
    sendsCodes = true,
    port = 0,
    reviewers = [] as readonly string[],
  } = {}): Promise<string> => {
    cosigner = await startCosigner({
      recovery: recovery.xpub,
      callKey: KEY,
      store,
      seal: plainSeal,
      port,
      reviewers,
      ...(sendsCodes && { mailer: { send: ({ text }) => void mails.push(text) } }),
      log: (line) => lines.push(line),
    })
    return cosigner.origin.replace('://', `://:${KEY}@`)
  }

  describe('with a server', () => {
    let server: AttesterServer
    const ledger = new EmbeddedLedger()
    const own: string[] = []
    const open = async (url: string): Promise<void> => {
      const { signers, proofs } = await connectCosigner({ url, seed: 'seed' })
      server = await AttesterServer.start({
        ledger,
        mailer: { send: ({ text }) => void own.push(text) },
        attester: { signers, ...(proofs && { proofs }) },
      })
    }
    afterEach(() => server.stop())
    const ask = <T>(call: string, body?: object): Promise<T> => server.ask(call, body)
    const wish = (code?: string) => ({
      set: 'attCivicBasic' as const,
      claims: { [EMAIL]: FINN },
      ...(code !== undefined && { codes: { [EMAIL]: code } }),
    })

    it('sends the codes in the server’s place, and signs what they prove, and revocations', async () => {
      await open(await start())
      const key = walletKey(randomBytes(32))
      await ask('POST /attester/codes', { xpub: key.xpub, label: EMAIL, value: FINN })
      assert.deepEqual(own, [])
      const [code = ''] = /\b[2-9B-Z]{8}\b/.exec(mails[0]!)!
      const { state, attestations } = await attest(attesterAt(ask, '/attester'), wish(code), key)
      assert.equal(state, 'attested')
      const held = await verifyOnLedger(attestations![0], ledger, { authorities: server.sip.authorities })
      assert.equal(held.state, 'unspent')
      await assert.rejects(
        attest(attesterAt(ask, '/attester'), wish(), key),
        /^Error: 403 the code is not the one/,
      )
      await server.sip.revokeMatching(EMAIL, FINN)
      const after = await verifyOnLedger(attestations![0], ledger, { authorities: server.sip.authorities })
      assert.equal(after.state, 'spent')
    })

    it('has the server attest nothing by a code, if it asks for evidence and sends no codes', async () => {
      await open(await start({ sendsCodes: false, reviewers: [newKeyPair().pubKey] }))
      assert.deepEqual(server.sip.labels, {})
    })

    it('keeps trees waiting while it cannot be reached', async () => {
      await open(await start({ sendsCodes: false }))
      assert.match(lines[0]!, /limits money only/)
      const key = walletKey(randomBytes(32))
      await ask('POST /attester/codes', { xpub: key.xpub, label: EMAIL, value: FINN })
      const [code = ''] = /\b[2-9B-Z]{8}\b/.exec(own.at(-1)!)!
      await cosigner.close()
      const { id, state, reason } = await attest(attesterAt(ask, '/attester'), wish(code), key)
      assert.deepEqual([state, reason], ['anchoring', 'the cosigner cannot be reached'])
      await start({ sendsCodes: false, port: Number(new URL(cosigner.origin).port) })
      assert.equal((await attesterAt(ask, '/attester').status(id)).state, 'attested')
    })
  })

  it('must be the one of the first start', async () => {
    const { settings } = new MemoryStores()
    const url = await start()
    for (let i = 0; i < 2; i += 1) await connectCosigner({ url, seed: 'seed', settings })
    await cosigner.close()
    store = new MemoryCosigner()
    const other = await start()
    await assert.rejects(connectCosigner({ url: other, seed: 'seed', settings }), /other keys than before/)
  })

  it('keeps its key over a restart', async () => {
    const url = await start()
    const { xpub } = cosigner
    const first = await connectCosigner({ url, seed: 'seed' })
    assert.deepEqual(first.facts.xpubs, [xpub, recovery.xpub])
    await cosigner.close()
    await start()
    assert.equal(cosigner.xpub, xpub)
  })

  it('refuses a call that the server did not sign', async () => {
    const url = await start()
    const other = url.replace(KEY, 'x'.repeat(32))
    await assert.rejects(connectCosigner({ url: other, seed: 'seed' }), {
      status: 503,
      message: /not signed/,
    })
    const late = () => Date.now() - 2 * 60_000
    await assert.rejects(connectCosigner({ url, seed: 'seed', clock: late }), { status: 503 })
    for (const path of ['facts', 'codes', 'proofs', 'signatures']) {
      assert.equal((await fetch(`${cosigner.origin}/${path}`, { method: 'POST', body: '{}' })).status, 401)
    }
  })

  it('is refused without a third key', async () => {
    await start()
    const options = { callKey: KEY, store, seal: plainSeal }
    for (const wrong of ['', 'xpub', recovery.xprv]) {
      await assert.rejects(startCosigner({ ...options, recovery: wrong }), /^TypeError: RECOVERY_XPUB/)
    }
  })
})

describe('sip: a cosigner’s storage', () => {
  const claim = (subject: string, fields: object = {}) => ({
    subjects: [
      { subject, outpoint: 'a:0', proofs: [`proof ${subject}`], approvals: [] as string[], ...fields },
    ],
    fee: 100,
    now: HOUR * 2,
    limits: { anchors: 3, fee: 1_000 },
  })
  const contract = (open: () => CosignerStore): void => {
    it('accepts evidence once, and again when it is given again', async () => {
      const store = open()
      assert.equal(await store.claim(claim('one')), 'evidence')
      await store.prove('proof one', 1)
      assert.equal(await store.claim(claim('one')), undefined)
      assert.equal(await store.claim(claim('two', { proofs: ['proof one'] })), 'evidence')
      await store.prove('proof one', 2)
      assert.equal(await store.claim(claim('two', { proofs: ['proof one'], approvals: ['x'] })), undefined)
      assert.equal(await store.claim(claim('three', { proofs: [], approvals: ['x'] })), 'evidence')
    })

    it('anchors a tree again only with the same output, and records nothing of what it refuses', async () => {
      const store = open()
      await store.prove('proof one', 1)
      assert.equal(await store.claim({ ...claim('one'), fee: 1_001 }), 'limit')
      assert.equal(await store.claim(claim('one')), undefined)
      assert.equal(await store.claim(claim('one')), undefined)
      assert.equal(await store.claim(claim('one', { outpoint: 'b:0' })), 'anchored')
    })

    it('counts anchors and fees for an hour', async () => {
      const store = open()
      const next = (subject: string) => claim(subject, { proofs: [] })
      for (const subject of ['1', '2', '3']) assert.equal(await store.claim(next(subject)), undefined)
      assert.equal(await store.claim(next('4')), 'limit')
      assert.equal(await store.claim({ ...next('4'), now: HOUR * 3 }), undefined)
      await store.sweep(HOUR * 2)
    })

    it('stores a value in place of another', async () => {
      const store = open()
      await store.once('a', 'x')
      await store.replace('a', 'y')
      assert.equal(await store.once('a', 'z'), 'y')
    })

    it('has another authority follow, and remembers the former ones', async () => {
      const store = open()
      assert.equal(await store.replaceAuthority(), false)
      for (const xpub of ['a', 'b']) {
        assert.equal(await store.isFormerAuthority(xpub), false)
        assert.equal(await store.once('authority', xpub), xpub)
        assert.equal(await store.replaceAuthority(), true)
      }
      for (const xpub of ['a', 'b']) assert.equal(await store.isFormerAuthority(xpub), true)
      assert.equal(await store.once('authority', 'c'), 'c')
    })

    it('forgets unused evidence, and keeps what it pinned', async () => {
      const store = open()
      await store.prove('proof one', 5)
      await store.sweep(5)
      assert.equal(await store.claim(claim('one')), 'evidence')
      assert.deepEqual([await store.once('a', 'x'), await store.once('a', 'y')], ['x', 'x'])
    })
  }

  describe('in memory', () => {
    contract(() => new MemoryCosigner())
  })

  describe('in a database', function () {
    this.timeout(60_000)
    let database: Database
    before(async () => {
      database = await openDatabase('memory://', { migrations: COSIGNER_MIGRATIONS })
    })
    beforeEach(async () => {
      const tables = 'cosigner_settings, cosigner_proofs, cosigner_anchors, cosigner_signings'
      await database.pool.query(`truncate ${tables}`)
    })
    after(() => database.close())
    contract(() => new PostgresCosigner(database.pool))
  })
})
