import assert from 'node:assert/strict'
import { createSandbox } from 'civic-sip-sandbox'
import type { Sandbox } from 'civic-sip-sandbox'
import { CivicClient, CivicError, CivicStrategy } from '../../lib/index.ts'
import type { CivicClientOptions } from '../../lib/index.ts'
import { outcomesOf, post } from '../support/drive.ts'

const PAGE = 'https://www.shop.example'

describe('a site that verifies the sandbox’s responses', () => {
  let sandbox: Sandbox
  let appId: string
  before(async () => {
    sandbox = await createSandbox({ attestations: true })
    appId = sandbox.createApp({ name: 'Shop', whitelist: [PAGE], attestations: true }).appId
  })
  after(() => sandbox.close())

  const options = (origins: readonly string[] = [PAGE]): CivicClientOptions => {
    const { ledger, authorities } = sandbox.directOptions()
    return { ...sandbox.strategyOptions(appId), attestations: { ledger, authorities, origins } }
  }
  const authCode = (): Promise<string> => sandbox.authCode({ appId, origin: PAGE })

  it('gets the same person, with each value verified', async () => {
    const { userId, data } = await new CivicClient(options()).exchangeCode(await authCode())
    const believing = new CivicClient(sandbox.strategyOptions(appId))
    const plain = await believing.exchangeCode(await authCode())
    assert.equal(userId, plain.userId)
    assert.deepEqual(data.labels, plain.data.labels)
    for (const label of data.labels) assert.equal(data.value(label), plain.data.value(label))
  })

  it('logs in through the strategy', async () => {
    const strategy = new CivicStrategy({ ...options(), passReqToCallback: false }, (userId) => ({ userId }))
    const [outcome] = await outcomesOf(strategy, post({ authToken: await authCode() }))
    assert.equal(outcome?.kind, 'success')
  })

  it("refuses an approval for another site's page", async () => {
    const client = new CivicClient(options(['https://other.example']))
    await assert.rejects(
      client.exchangeCode(await authCode()),
      (error) =>
        error instanceof CivicError && error.code === 'CIVIC_BAD_ANSWER' && error.reason === 'attestation',
    )
  })

  it('is refused by SIP for an app without attestations', async () => {
    const { appId: other } = sandbox.createApp({ name: 'Other', whitelist: [PAGE] })
    const client = new CivicClient({ ...options(), ...sandbox.strategyOptions(other) })
    await assert.rejects(client.exchangeCode(await sandbox.authCode({ appId: other, origin: PAGE })), {
      code: 'CIVIC_CODE_REJECTED',
    })
  })
})
