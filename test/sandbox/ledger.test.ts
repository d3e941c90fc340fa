import assert from 'node:assert/strict'
import { once } from 'node:events'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { anchorOf, EmbeddedLedger, EsploraLedger, handleEsplora } from 'civic-attestations'
import { createSandbox } from 'civic-sip-sandbox'
import type { HeldAttestation, Sandbox } from 'civic-sip-sandbox'
import { walletKey } from '../support/attesting.ts'
import { attested, attesterOf } from '../support/sandbox-attester.ts'
import { Page } from '../support/page.ts'
import { exchange } from '../support/partner.ts'

/** Somebody else's blockchain, behind a server that can fail. */
class Esplora {
  readonly ledger = new EmbeddedLedger()
  readonly #server: Server
  isDown = false
  /** Takes transactions, and does not say so. */
  isMute = false

  constructor() {
    this.#server = createServer((req, res) => {
      let body = ''
      req.on('data', (chunk: Buffer) => (body += chunk.toString()))
      req.on('end', () => {
        if (this.isDown) {
          req.socket.destroy()
          return
        }
        void handleEsplora(this.ledger, req.method ?? '', req.url ?? '', body).then((answer) => {
          if (this.isMute && req.method === 'POST') {
            req.socket.destroy()
            return
          }
          res.writeHead(answer.status, { 'Content-Type': answer.contentType }).end(answer.body)
        })
      })
    })
  }

  async listen(): Promise<string> {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening')
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async close(): Promise<void> {
    this.#server.close()
    this.#server.closeAllConnections()
    await once(this.#server, 'close')
  }
}

describe('sandbox: another blockchain, behind an Esplora server', function () {
  this.timeout(60_000)
  let esplora: Esplora
  let sandbox: Sandbox
  before(async () => {
    esplora = new Esplora()
    sandbox = await createSandbox({ esplora: await esplora.listen() })
  })
  after(async () => {
    await sandbox.close()
    await esplora.close()
  })

  it('needs money: the sandbox says where to pay', async () => {
    await assert.rejects(sandbox.authCode(), (error: Error) => {
      const script = /too little money on this ledger: pay some to the script ([0-9a-f]+)/.exec(error.message)
      esplora.ledger.mine(script![1])
      return true
    })
  })

  it('holds what the sandbox anchors, which is valid once it is in a block', async () => {
    const alice = sandbox.wallet()
    const partner = sandbox.strategyOptions()
    const early = await exchange(partner, await sandbox.authCode())
    assert.deepEqual([...new Set(alice.attestations().map(({ status }) => status))], ['temporary'])
    assert.ok(early.data.every(({ isValid }) => !isValid))
    esplora.ledger.mine()
    const later = await exchange(partner, await sandbox.authCode())
    assert.deepEqual([...new Set(alice.attestations().map(({ status }) => status))], ['permanent'])
    assert.ok(later.data.every(({ isValid }) => isValid))
  })

  it('makes an approval wait while it is unavailable, and says so; the same response counts later', async () => {
    const page = new Page(sandbox)
    const uuid = await page.uuid()
    const alice = sandbox.wallet()
    esplora.isDown = true
    for (let tries = 0; tries < 2; tries += 1) {
      const outcome = await alice.approve(uuid)
      assert.equal(outcome.state, 'read')
      assert.match(outcome.waiting!, /blockchain cannot be reached/)
      const polled = await page.poll(uuid)
      assert.equal(polled.statusCode, 202)
      assert.match(polled.message!, /blockchain cannot be reached/)
    }
    esplora.isDown = false
    assert.deepEqual(await alice.approve(uuid), { state: 'granted' })
    const { data } = await exchange(sandbox.strategyOptions(), (await page.poll(uuid)).authResponse!)
    assert.ok(data.every(({ isValid, isOwner }) => isValid && isOwner))
  })

  it('revokes nothing while it is unavailable, and says so', async () => {
    const { txid, vout } = sandbox.wallet().attestations()[0]!
    esplora.isDown = true
    await assert.rejects(sandbox.revoke({ txid, vout }), { status: 503, message: /cannot be reached/ })
    esplora.isDown = false
    await sandbox.revoke({ txid, vout })
    esplora.ledger.mine()
    const { data } = await exchange(sandbox.strategyOptions(), await sandbox.authCode())
    assert.ok(data.every(({ isValid, isOwner }) => !isValid && isOwner))
  })

  it('anchors once, even if it does not say whether it accepted the transaction', async () => {
    const user = { name: 'Gail Green' }
    esplora.isMute = true
    await sandbox.authCode({ user })
    esplora.isMute = false
    const [{ txid, attestation }] = sandbox.wallet(user).attestations() as [HeldAttestation]
    const { xpub } = attestation.attn.attestation.attestation.subject
    const response = await fetch(`${sandbox.url}/dashboard/api/attestations`)
    const issued = (await response.json()) as { xpub: string; txid: string; revoked: boolean }[]
    assert.deepEqual(
      issued.filter((entry) => entry.xpub === xpub).map((entry) => [entry.txid, entry.revoked]),
      [[txid, false]],
    )
  })

  it('spends the previous anchor first, and nothing without money for the new one', async () => {
    const empty = new Esplora()
    const poor = await createSandbox({ esplora: await empty.listen() })
    try {
      const key = walletKey(randomBytes(32))
      const wish = { set: 'attCivicResidence', claims: { 'documents.address.city': 'Amaurot' } } as const
      const first = await attested(poor, key, wish)
      assert.match(first.reason!, /too little money/)
      const [, script = ''] = /script ([0-9a-f]+)/.exec(first.reason!)!
      empty.ledger.mine(script)
      const { state } = await attesterOf(poor).status(first.id)
      assert.equal(state, 'anchoring')
      empty.ledger.mine()
      const [held] = (await attesterOf(poor).status(first.id)).attestations!
      const { txid, vout } = anchorOf(held)
      const utxos = empty.ledger.utxos.bind(empty.ledger)
      empty.ledger.utxos = () => Promise.resolve([])
      assert.match((await attested(poor, key, wish)).reason!, /too little money/)
      assert.equal((await empty.ledger.outspend(txid, vout)).spent, false)
      empty.ledger.utxos = utxos
      await attested(poor, key, wish)
      assert.equal((await empty.ledger.outspend(txid, vout)).spent, true)
    } finally {
      await poor.close()
      await empty.close()
    }
  })

  it('does not let a login without a browser guess either', async () => {
    esplora.isDown = true
    try {
      await assert.rejects(sandbox.authCode(), { status: 503, message: /blockchain cannot be reached/ })
    } finally {
      esplora.isDown = false
    }
  })
})

describe('sandbox: its own blockchain', function () {
  this.timeout(60_000)

  it('makes blocks when told to', async () => {
    const sandbox = await createSandbox({ blockDelayMs: Infinity })
    try {
      const { data } = await exchange(sandbox.strategyOptions(), await sandbox.authCode())
      assert.ok(data.every(({ isValid }) => !isValid))
      assert.equal(sandbox.wallet().attestations()[0]!.status, 'temporary')
      sandbox.mine()
      const later = await exchange(sandbox.strategyOptions(), await sandbox.authCode())
      assert.ok(later.data.every(({ isValid }) => isValid))
      assert.equal(sandbox.wallet().attestations()[0]!.status, 'permanent')
    } finally {
      await sandbox.close()
    }
  })

  it('survives a restart, and its attestations can still be revoked', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'civic-sip-sandbox-'))
    const state = join(folder, 'state.json')
    try {
      const first = await createSandbox({ state })
      await first.authCode({ user: 'bob' })
      const [{ txid, vout } = { txid: '', vout: 0 }] = first.wallet('bob').attestations()
      await first.close()
      const second = await createSandbox({ state })
      try {
        const ledger = new EsploraLedger(second.ledgerUrl)
        assert.equal((await ledger.txStatus(txid)).confirmed, true)
        assert.equal((await ledger.outspend(txid, vout)).spent, false)
        await second.revoke({ txid, vout })
        assert.equal((await ledger.outspend(txid, vout)).spent, true)
      } finally {
        await second.close()
      }
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  it('accepts transactions from its own pages and programs, not from other sites', async () => {
    const sandbox = await createSandbox()
    const post = (headers: Record<string, string>): Promise<Response> =>
      fetch(`${sandbox.ledgerUrl}/tx`, { method: 'POST', headers, body: '00' })
    try {
      assert.equal((await post({ Origin: 'http://evil.example.org' })).status, 403)
      assert.equal((await post({})).status, 400)
      assert.equal((await fetch(`${sandbox.ledgerUrl}/nothing`)).status, 404)
    } finally {
      await sandbox.close()
    }
  })
})
