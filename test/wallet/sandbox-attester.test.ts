import assert from 'node:assert/strict'
import { createSandbox } from 'civic-sip-sandbox'
import type { Sandbox } from 'civic-sip-sandbox'
import { verifyOffline } from 'civic-attestations'
import { Wallet } from 'civic-wallet'
import { EMAIL, mailTo } from '../support/sandbox-attester.ts'

const ADA = { [EMAIL]: 'ada@example.org', 'contact.personal.phoneNumber': '+1 202 555 0143' }

describe("a wallet at the sandbox's attester", () => {
  let sandbox: Sandbox
  before(async () => {
    sandbox = await createSandbox({ port: 0 })
  })
  after(() => sandbox.close())

  it('has its email and phone number attested, by the code that was sent there', async () => {
    const wallet = new Wallet({ seed: 'ab'.repeat(16), allowPrivate: true })
    const attester = `${sandbox.url}/attester`
    assert.deepEqual(await wallet.attest(attester, ADA), { state: 'code-sent' })
    const code = /\b\d{6}\b/.exec(await mailTo(sandbox, ADA[EMAIL]))![0]
    const { state } = await wallet.attest(attester, ADA, { [EMAIL]: code })
    assert.equal(state, 'attested')
    for (const attestation of wallet.attestations()) {
      const { label, value, labelBound } = verifyOffline(attestation)
      assert.deepEqual([value, labelBound], [ADA[label as keyof typeof ADA], true])
    }
  })
})
