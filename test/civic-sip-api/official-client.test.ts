import assert from 'node:assert/strict'
import { createSandbox } from 'civic-sip-sandbox'
import type { Sandbox } from 'civic-sip-sandbox'
import { CLIENTS, exchange, needsCivicsClient } from '../support/civics-client.ts'

describe("sandbox: Civic's official client", function () {
  let sandbox: Sandbox

  before(async function () {
    this.timeout(120_000)
    needsCivicsClient(this)
    sandbox = await createSandbox()
  })
  // Not made where the test was skipped.
  after(() => (sandbox as Sandbox | undefined)?.close())

  for (const [version, number] of CLIENTS) {
    it(`exchanges a code with version ${number}`, async () => {
      const { sipPublicKey, ...config } = sandbox.strategyOptions()
      const authToken = await sandbox.authCode({ user: { email: 'gil@example.org' } })
      const { userData, error } = await exchange({ version, sipPublicKey, config, authToken })
      assert.equal(error, undefined)
      assert.match(userData!.userId, /^[0-9a-f]{64}$/)
      assert.deepEqual(
        userData!.data.map(({ label, value }) => [label, label.endsWith('email') && value]),
        [
          ['contact.personal.email', 'gil@example.org'],
          ['contact.personal.phoneNumber', false],
        ],
      )
    })

    it(`is refused with version ${number} and the wrong secret`, async () => {
      const { sipPublicKey, ...config } = sandbox.strategyOptions()
      const appSecret = '0'.repeat(32)
      const authToken = await sandbox.authCode()
      const { error } = await exchange({ version, sipPublicKey, config: { ...config, appSecret }, authToken })
      assert.match(error ?? '', /HMAC extension|401/)
    })
  }

  it('follows version 1.2.1 to a large payload, and to a URL without a stage', async () => {
    const { sipPublicKey, ...config } = sandbox.strategyOptions()
    const authToken = await sandbox.authCode({ scopeRequest: 'PROOF_OF_IDENTITY' })
    const result = await exchange({
      version: 'civic-sip-api',
      sipPublicKey,
      config: { ...config, includeStageInURL: false },
      authToken,
    })
    assert.equal(result.error, undefined)
    const image = result.userData!.data.find(({ label }) => label === 'documents.genericId.image')
    assert.ok(image!.value.length > 50_000)
  })
})
