import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { readConfig } from '../../sip/lib/config.ts'
import { readCosignerConfig } from '../../sip/lib/cosigner/config.ts'
import { newRecoveryKey, startCosigner } from '../../sip/lib/cosigner/cosign.ts'
import { MemoryCosigner } from '../../sip/lib/cosigner/memory-store.ts'
import { serveCosigner } from '../../sip/lib/cosigner/serve.ts'
import type { RunningCosigner } from '../../sip/lib/cosigner/cosign.ts'
import { ConfigError } from '../../sip/lib/environment.ts'
import { openSip } from '../../sip/lib/open-sip.ts'
import { ServerLog } from '../../sip/lib/operations/logger.ts'
import { Metrics } from '../../sip/lib/operations/metrics.ts'
import { replaceCosigner } from '../../sip/lib/recovery/machines.ts'
import { SealError } from '../../sip/lib/secrets/sealing.ts'
import { needsPostgres, startPostgres } from '../support/postgres.ts'
import { freePort } from '../support/servers.ts'
import type { TestServer } from '../support/servers.ts'
import { plainSeal } from './support/seal.ts'

describe('civic-sip-server cosign', function () {
  this.timeout(60_000)
  const KEY = 'k'.repeat(32)
  const variables = {
    COSIGNER_SECRET: randomBytes(32).toString('hex'),
    COSIGNER_KEY: KEY,
    RECOVERY_XPUB: newRecoveryKey().xpub,
  }

  it('needs three variables, and names all faults at once', () => {
    assert.deepEqual(readCosignerConfig(variables).config, {
      secrets: [variables.COSIGNER_SECRET],
      callKey: KEY,
      recovery: variables.RECOVERY_XPUB,
      host: '127.0.0.1',
      port: 4003,
      database: 'cosigner',
      dataFolder: 'cosigner',
      smtp: undefined,
      smsWebhookUrl: undefined,
      reviewers: [],
      esploraUrl: undefined,
      network: 'bitcoin',
    })
    const wrong = {
      COSIGNER_SECRET: '1'.repeat(64),
      COSIGNER_KEY: 'short',
      REVIEWER_KEYS: 'nobody',
      PORT: 'x',
    }
    assert.throws(
      () => readCosignerConfig(wrong),
      (error: unknown) => {
        assert.ok(error instanceof ConfigError)
        const names = error.problems.map((problem) => problem.split(' ')[0]).sort()
        assert.deepEqual(names, ['COSIGNER_KEY', 'COSIGNER_SECRET', 'PORT', 'RECOVERY_XPUB', 'REVIEWER_KEYS'])
        return true
      },
    )
  })

  describe('beside a server', () => {
    let postgres: TestServer | undefined
    let own: Record<string, string>
    let cosigner: RunningCosigner | undefined
    const lines: string[] = []
    const start = async (changes: Record<string, string> = {}): Promise<RunningCosigner> => {
      const { config } = readCosignerConfig({ ...variables, ...own, ...changes })
      return serveCosigner(config, (line) => lines.push(line))
    }
    before(async function () {
      needsPostgres(this)
      const server = (postgres = await startPostgres())
      const admin = new pg.Client(server.url)
      await admin.connect()
      await admin.query('create database cosigner')
      await admin.end()
      own = { DATABASE_URL: server.url.replace(/\/postgres$/, '/cosigner'), PORT: String(await freePort()) }
    })
    after(async () => {
      await cosigner?.close()
      await postgres?.stop()
    })

    it('keeps its key, which another secret does not open', async () => {
      cosigner = await start()
      const { xpub } = cosigner
      await cosigner.close()
      cosigner = undefined
      await assert.rejects(start({ COSIGNER_SECRET: randomBytes(32).toString('hex') }), SealError)
      cosigner = await start()
      assert.equal(cosigner.xpub, xpub)
      assert.match(lines.join('\n'), /it limits money only/)
    })

    it('needs its previous secret once more when the secret is changed', async () => {
      const { xpub } = cosigner!
      const next = randomBytes(32).toString('hex')
      for (const COSIGNER_SECRET of [`${next},${variables.COSIGNER_SECRET}`, next]) {
        await cosigner!.close()
        cosigner = undefined
        cosigner = await start({ COSIGNER_SECRET })
        assert.equal(cosigner.xpub, xpub)
      }
    })

    const serverWith = (url: string) =>
      readConfig({
        PUBLIC_URL: 'https://sip.example.org',
        WALLET_URL: 'https://wallet.example.org',
        SIP_SECRET: variables.COSIGNER_SECRET.split('').reverse().join(''),
        DATABASE_URL: postgres!.url,
        COSIGNER_URL: url,
      }).config
    const open = (url: string) =>
      openSip(serverWith(url), {
        log: new ServerLog('warn', { write: (line) => void lines.push(line) }),
        metrics: new Metrics(),
      })

    it('belongs to the server’s attester from its start', async () => {
      const server = await open(`http://:${KEY}@127.0.0.1:${own.PORT}`)
      const { address } = await server.sip.anchoring()
      await server.close()
      assert.match(lines.join('\n'), /The cosigner asks for no evidence/)
      await assert.rejects(open(`http://:${KEY}@127.0.0.1:${await freePort()}`), {
        name: 'HttpError',
        message: 'the cosigner cannot be reached',
      })
      assert.match(address, /^2/, 'the money is at a script of two of three keys')
    })

    it('makes way for another one after recover --new-cosigner, with the same authority', async () => {
      const first = await open(`http://:${KEY}@127.0.0.1:${own.PORT}`)
      const { address } = await first.sip.anchoring()
      await first.close()
      const other = await startCosigner({
        recovery: newRecoveryKey().xpub,
        callKey: KEY,
        store: new MemoryCosigner(),
        seal: plainSeal,
      })
      try {
        const url = other.origin.replace('://', `://:${KEY}@`)
        await assert.rejects(open(url), /other keys than before/)
        await replaceCosigner(serverWith(url))
        const second = await open(url)
        assert.notEqual((await second.sip.anchoring()).address, address)
        assert.deepEqual(second.sip.authorities, first.sip.authorities)
        await second.close()
        await assert.rejects(open(`http://:${KEY}@127.0.0.1:${own.PORT}`), /other keys than before/)
      } finally {
        await other.close()
      }
    })
  })
})
