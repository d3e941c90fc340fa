import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSandbox } from 'civic-sip-sandbox'
import { exchange } from '../support/partner.ts'

/** Of a sandbox that ran on the commit before the one that made SIP a requester of the wallet protocol. */
const OLD = new URL('../vectors/sandbox-state-before-wallet-protocol.json', import.meta.url)

interface OldState {
  readonly sipKeys: { readonly pubKey: string }
  readonly prvKeys: Readonly<Record<string, string>>
  readonly apps: readonly {
    readonly appId: string
    readonly credentials: readonly [{ readonly appSecret: string; readonly pubKey: string }]
  }[]
  readonly people: readonly { readonly email: string }[]
  readonly issued: readonly [Anchor, Anchor]
}

interface Anchor {
  readonly txid: string
  readonly vout: number
}

describe('sandbox: the state file', () => {
  let folder: string
  let state: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'civic-sip-sandbox-'))
    state = join(folder, 'state.json')
  })
  afterEach(() => rm(folder, { recursive: true }))

  it('keeps apps, people and keys across a restart', async () => {
    const first = await createSandbox({ state })
    const { appId } = first.createApp({ name: 'Shop' })
    const before = first.strategyOptions(appId)
    const user = { email: 'fay@example.org' }
    const known = await exchange(before, await first.authCode({ appId, user }))
    const usual = first.strategyOptions()
    await first.close()

    const second = await createSandbox({ state })
    try {
      const { api, ...after } = second.strategyOptions(appId)
      assert.deepEqual({ ...after, api: before.api }, before)
      assert.equal(second.strategyOptions().appId, usual.appId)
      const again = await exchange({ ...after, api }, await second.authCode({ appId, user }))
      assert.deepEqual(again, known)
    } finally {
      await second.close()
    }
  })

  it('can be read only by its owner, and is replaced in one step', async () => {
    const sandbox = await createSandbox({ state })
    const old = await stat(state)
    sandbox.createApp({ name: 'Shop' })
    const fresh = await stat(state)
    await sandbox.close()
    assert.equal(fresh.mode & 0o777, 0o600)
    assert.notEqual(fresh.ino, old.ino)
    assert.deepEqual(await readdir(folder), ['state.json'])
  })

  it('contains nobody’s data after a login', async () => {
    const sandbox = await createSandbox({ state })
    await sandbox.authCode({ user: 'bob' })
    sandbox.createApp({ name: 'Shop' })
    await sandbox.close()
    const text = await readFile(state, 'utf8')
    assert.ok(text.includes('"apps"'))
    assert.ok(!text.includes('bob.baker@example.org'))
  })

  it('belongs to one sandbox at a time, so that none undoes another’s changes', async () => {
    const first = await createSandbox({ state })
    await assert.rejects(createSandbox({ state }), {
      name: 'FileInUse',
      message: `${state} is in use by another process: stop that one, or use another`,
    })
    await first.authCode({ user: 'bob' })
    const [email] = first.wallet('bob').attestations()
    await first.revoke(email!)
    await first.close()
    first.createApp({ name: 'Late' })
    const second = await createSandbox({ state })
    await assert.rejects(second.revoke(email!), /revoked already/)
    await second.close()
    assert.doesNotMatch(await readFile(state, 'utf8'), /Late/)
    assert.deepEqual(await readdir(folder), ['state.json'])
  })

  it('is released by a sandbox that did not start', async () => {
    const other = await createSandbox()
    const port = Number(new URL(other.url).port)
    await assert.rejects(createSandbox({ state, port }), { code: 'EADDRINUSE' })
    await other.close()
    await (await createSandbox({ state })).close()
  })

  it('of the version before the wallet protocol is taken over, and nothing of it is lost', async () => {
    const text = await readFile(OLD, 'utf8')
    const old = JSON.parse(text) as OldState
    await writeFile(state, text)
    const [standing, revoked] = old.issued
    for (const start of ['first', 'second']) {
      const sandbox = await createSandbox({ state })
      try {
        for (const { appId, credentials } of old.apps) {
          const { appSecret, pubKey } = credentials[0]
          const { sipPublicKey, prvKey, ...options } = sandbox.strategyOptions(appId)
          assert.deepEqual([options.appId, options.appSecret], [appId, appSecret])
          assert.deepEqual([sipPublicKey, prvKey], [old.sipKeys.pubKey, old.prvKeys[pubKey]])
        }
        const { appId } = old.apps.at(-1)!
        const user = old.people[0]!.email
        const { data } = await exchange(
          sandbox.strategyOptions(appId),
          await sandbox.authCode({ appId, user, origin: 'https://shop.example.org' }),
        )
        assert.equal(data.find(({ label }) => label === 'contact.personal.email')?.value, user)
        await assert.rejects(sandbox.revoke(revoked), /revoked already/)
        const revoking = sandbox.revoke(standing)
        await (start === 'first' ? revoking : assert.rejects(revoking, /revoked already/))
      } finally {
        await sandbox.close()
      }
    }
  })

  for (const text of ['', '{', 'null', '[]', '{"version":2}', '{"version":1,"apps":[]}']) {
    it(`is left alone where it is something else, such as ${JSON.stringify(text)}`, async () => {
      await writeFile(state, text)
      await assert.rejects(createSandbox({ state }), (error: Error) => error.message.includes(state))
      assert.equal(await readFile(state, 'utf8'), text)
    })
  }
})
