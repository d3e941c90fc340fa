import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EsploraLedger, signSubject, verifyOnLedger } from 'civic-attestations'
import type { Attestation } from 'civic-attestations'
import { createSandbox } from 'civic-sip-sandbox'
import type { Sandbox } from 'civic-sip-sandbox'
import { HDKey } from '@scure/bip32'
import { walletKey } from '../support/attesting.ts'
import type { WalletKey } from '../support/attesting.ts'
import { attested, callAttester, EMAIL, PHONE } from '../support/sandbox-attester.ts'
import type { Reply } from '../support/sandbox-attester.ts'

function newKey(): WalletKey {
  return walletKey(randomBytes(32))
}

const DOCUMENT_NUMBER = 'documents.genericId.number'
let count = 0
/** An email address that no test before has used. */
function newEmail(): string {
  return `person${(count += 1)}@example.org`
}

/** The same key pair under another chain code: another xpub. */
function otherChainCode({ xprv }: WalletKey): WalletKey {
  const { privateKey } = HDKey.fromExtendedKey(xprv)
  const key = new HDKey({ privateKey: privateKey!, chainCode: randomBytes(32) })
  return { xprv: key.privateExtendedKey, xpub: key.publicExtendedKey }
}

describe('sandbox: one live anchor for each key and set', function () {
  this.timeout(30_000)
  let sandbox: Sandbox
  before(async () => {
    sandbox = await createSandbox()
  })
  after(() => sandbox.close())

  const basic = async (
    key: WalletKey,
    email = newEmail(),
    phone = '+1 202 555 0100',
  ): Promise<Attestation> => {
    const claims = { [EMAIL]: email, [PHONE]: phone }
    const { state, attestations } = await attested(sandbox, key, { set: 'attCivicBasic', claims })
    assert.equal(state, 'attested')
    return attestations![0]!
  }
  const residence = async (key: WalletKey): Promise<Attestation> => {
    const claims = { 'documents.address.city': 'Amaurot' }
    return (await attested(sandbox, key, { set: 'attCivicResidence', claims })).attestations![0]!
  }
  const stateOf = async (attestation: Attestation): Promise<string> => {
    const { authority } = attestation.attn.attestation.attestation
    const trust = { authorities: [authority.xpub] }
    return (await verifyOnLedger(attestation, new EsploraLedger(sandbox.ledgerUrl), trust)).state
  }
  const states = (...attestations: Attestation[]): Promise<string[]> => Promise.all(attestations.map(stateOf))
  const placeOf = async (attestation: Attestation): Promise<{ txid: string; vout: number }> => {
    const { authority } = attestation.attn.attestation.attestation
    const trust = { authorities: [authority.xpub] }
    return verifyOnLedger(attestation, new EsploraLedger(sandbox.ledgerUrl), trust)
  }
  const dashboard = async (path: string, body: object): Promise<Response> =>
    fetch(`${sandbox.url}/dashboard/api/${path}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    })

  it('issuing again spends the previous anchor', async () => {
    const key = newKey()
    const email = newEmail()
    const attestations = [await basic(key, email), await basic(key, email), await basic(key)]
    assert.deepEqual(await states(...attestations), ['spent', 'spent', 'unspent'])
    await sandbox.revoke(await placeOf(attestations[2]!))
    assert.deepEqual(await states(...attestations), ['spent', 'spent', 'spent'])
  })

  it('two requests at once leave one', async () => {
    const key = newKey()
    await basic(key)
    const attestations = await Promise.all([basic(key), basic(key), basic(key)])
    assert.deepEqual((await states(...attestations)).toSorted(), ['spent', 'spent', 'unspent'])
  })

  it('another chain code of the same key is the same key', async () => {
    const key = newKey()
    const email = newEmail()
    const attestations = [await basic(key, email), await basic(otherChainCode(key), email)]
    assert.deepEqual(await states(...attestations), ['spent', 'unspent'])
  })

  it('another set, and another key, keep theirs', async () => {
    const key = newKey()
    const attestations = [await basic(key), await residence(key), await basic(newKey())]
    assert.deepEqual(await states(...attestations), ['unspent', 'unspent', 'unspent'])
  })

  it('no block can contain the new anchor without the spending of the previous one', async () => {
    const key = newKey()
    const before = await placeOf(await basic(key))
    const { txid } = await placeOf(await basic(key))
    const ledger = new EsploraLedger(sandbox.ledgerUrl)
    const spending = await ledger.outspend(before.txid, before.vout)
    const { vin } = (await ledger.tx(txid))!
    assert.ok(vin.some((input) => input.txid === spending.txid))
  })

  describe('revoking', () => {
    it('by an email address, phone number or document number spends every anchor of it', async () => {
      const email = newEmail()
      const phone = '+1 (202) 555-0177'
      const mine = [await basic(newKey(), email, phone), await basic(newKey(), email.toUpperCase(), phone)]
      const other = await basic(newKey())
      const revoke = (label: string, value: string): Promise<Response> =>
        dashboard('attestations/revoke', { label, value })
      assert.deepEqual(await (await revoke(EMAIL, ` ${email}`)).json(), { count: 2 })
      assert.deepEqual(await states(...mine, other), ['spent', 'spent', 'unspent'])
      assert.deepEqual(await (await revoke(EMAIL, email)).json(), { count: 0 })

      const again = [
        await basic(newKey(), newEmail(), phone),
        await basic(newKey(), newEmail(), '+12025550177'),
      ]
      assert.deepEqual(await (await revoke(PHONE, '1 202 555 0177')).json(), { count: 2 })
      assert.deepEqual(await states(...again, other), ['spent', 'spent', 'unspent'])

      const dora = sandbox.wallet({ name: 'Dora Dale', document: { number: 'UT-123 456' } })
      await sandbox.authCode({
        user: { name: 'Dora Dale', document: { number: 'UT-123 456' } },
        scopeRequest: 'proofOfAge',
      })
      const { attestation } = dora.attestations()[0]!
      assert.deepEqual(await (await revoke(DOCUMENT_NUMBER, 'ut123456')).json(), { count: 1 })
      assert.equal(await stateOf(attestation), 'spent')
      assert.equal((await revoke('documents.address.city', 'Amaurot')).status, 400)
      assert.equal((await revoke('constructor', 'x')).status, 400)
    })

    it('one anchor spends the others of the same email address, not those of the same phone number', async () => {
      const email = newEmail()
      const phone = '+1 202 555 0188'
      const [one, same, neighbour] = [
        await basic(newKey(), email, phone),
        await basic(newKey(), email),
        await basic(newKey(), newEmail(), phone),
      ]
      const { txid, vout } = await placeOf(one)
      assert.equal((await dashboard('attestations/revoke', { txid, vout })).status, 204)
      assert.deepEqual(await states(one, same, neighbour), ['spent', 'spent', 'unspent'])
    })

    const wish = (key: WalletKey, attestation: Attestation, label = 'attCivicBasic'): Promise<Reply> => {
      const { xpub, signature } = signSubject(
        { label: `revoke:${label}`, data: attestation.attnData },
        key.xprv,
      )
      return callAttester(sandbox, 'POST /revocations', { xpub, label: 'attCivicBasic', signature })
    }

    it('is open to people, for their own attestations', async () => {
      const key = newKey()
      const [own, kept] = [await basic(key), await residence(key)]
      assert.deepEqual(await wish(key, own), { status: 200 })
      assert.deepEqual(await states(own, kept), ['spent', 'unspent'])
      assert.equal((await wish(key, own)).status, 403)
    })

    it('accepts no request by another key, for another set, or for an earlier anchor', async () => {
      const key = newKey()
      const email = newEmail()
      const [old, own] = [await basic(key, email), await basic(key, email)]
      assert.equal((await wish(newKey(), own)).status, 403)
      assert.equal((await wish(key, own, 'attCivicResidence')).status, 403)
      assert.equal((await wish(key, old)).status, 403)
      const { subject } = own.attn.attestation.attestation
      for (const body of [
        {},
        { xpub: key.xpub, label: 'attCivicBasic' },
        { xpub: key.xpub, label: 'attCivicBasic', signature: subject.signature },
        { xpub: key.xpub, label: 'constructor', signature: subject.signature },
        { xpub: 5, label: 'attCivicBasic', signature: subject.signature },
      ]) {
        const { status } = await callAttester(sandbox, 'POST /revocations', body)
        assert.ok(status === 400 || status === 403, String(status))
      }
      assert.equal(await stateOf(own), 'unspent')
    })
  })
})

describe('sandbox: the anchors in the state file', function () {
  this.timeout(30_000)
  let folder: string
  let state: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'civic-sip-sandbox-'))
    state = join(folder, 'state.json')
  })
  afterEach(() => rm(folder, { recursive: true }))

  const withSandbox = async <T>(act: (sandbox: Sandbox) => Promise<T>): Promise<T> => {
    const sandbox = await createSandbox({ state })
    try {
      return await act(sandbox)
    } finally {
      await sandbox.close()
    }
  }
  const anchorOfBob = (sandbox: Sandbox): { txid: string; vout: number } => {
    const [{ txid, vout } = { txid: '', vout: 0 }] = sandbox.wallet('bob').attestations()
    return { txid, vout }
  }
  const isSpent = async (
    sandbox: Sandbox,
    { txid, vout }: { txid: string; vout: number },
  ): Promise<boolean> => (await new EsploraLedger(sandbox.ledgerUrl).outspend(txid, vout)).spent
  const read = async (): Promise<{ issued: Record<string, unknown>[] }> =>
    JSON.parse(await readFile(state, 'utf8')) as { issued: Record<string, unknown>[] }

  it('are spent when the same key gets new ones after a restart', async () => {
    const first = await withSandbox(async (sandbox) => {
      await sandbox.authCode({ user: 'bob' })
      return anchorOfBob(sandbox)
    })
    await withSandbox(async (sandbox) => {
      assert.equal(await isSpent(sandbox, first), false)
      await sandbox.authCode({ user: 'bob' })
      assert.equal(await isSpent(sandbox, first), true)
      assert.equal(await isSpent(sandbox, anchorOfBob(sandbox)), false)
    })
  })

  it('name their owner only by an HMAC', async () => {
    await withSandbox((sandbox) => sandbox.authCode({ user: 'bob' }))
    const { issued } = await read()
    const { marks } = issued[0] as { marks: Record<string, string> }
    assert.deepEqual(Object.keys(marks), [EMAIL, PHONE])
    for (const mark of Object.values(marks)) assert.match(mark, /^[0-9a-f]{64}$/)
    assert.doesNotMatch(JSON.stringify(issued), /bob\.baker|555 01/)
  })

  it('of an earlier version are read, spent and revoked too', async () => {
    const first = await withSandbox(async (sandbox) => {
      await sandbox.authCode({ user: 'bob' })
      const [held] = sandbox.wallet('bob').attestations()
      return { txid: held!.txid, vout: held!.vout, attestation: held!.attestation }
    })
    const file = await read()
    // As it was: one of the attestations without its value, and no HMACs
    file.issued = file.issued.map(
      ({ publicKey: _key, attested: _attested, marks: _marks, proven: _proven, ...entry }) => ({
        ...entry,
        attestation: { ...first.attestation, data: { ...first.attestation.data, value: '' } },
      }),
    )
    await writeFile(state, JSON.stringify(file))
    await withSandbox(async (sandbox) => {
      await sandbox.authCode({ user: 'bob' })
      assert.equal(await isSpent(sandbox, first), true)
    })
    await writeFile(state, JSON.stringify(file))
    await withSandbox(async (sandbox) => {
      await sandbox.revoke(first)
      assert.equal(await isSpent(sandbox, first), true)
    })
  })
})
