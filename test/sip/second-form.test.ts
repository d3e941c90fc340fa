import assert from 'node:assert/strict'
import { createSandbox } from 'civic-sip-sandbox'
import type { Sandbox } from 'civic-sip-sandbox'
import { readAnswer, verifyAnswer } from '../../lib/direct/index.ts'
import { claimsOf } from '../support/person.ts'
import { Page } from '../support/page.ts'
import { open, postCode } from '../support/partner.ts'

const W3C = { body: { format: 'W3C' } }

interface SecondForm {
  readonly userId: string
  readonly identity: object
  readonly credentials: readonly { claims: readonly { identifier: string; value: string }[] }[]
  readonly request: { token: string; userKey: string } & Record<string, string>
}

describe('the second form of a response', () => {
  let sandbox: Sandbox
  before(async () => {
    sandbox = await createSandbox({ attestations: true })
  })
  after(() => sandbox.close())

  const second = async (authToken: string): Promise<{ userId: string; form: SecondForm }> => {
    const options = sandbox.strategyOptions()
    const response = await postCode(options, authToken, W3C)
    assert.equal(response.status, 200)
    const { userId, data } = (await response.json()) as { userId: string; data: string }
    return { userId, form: open(options, data) as unknown as SecondForm }
  }

  it('contains everything that a site needs to verify an approval', async () => {
    const { userId, form } = await second(await sandbox.authCode({ scopeRequest: 'PROOF_OF_IDENTITY' }))
    const { credentials, request, identity } = form
    assert.equal(form.userId, userId)
    const { token, userKey, ...signed } = request
    const { data } = claimsOf(token)
    assert.equal((data as { attestations?: boolean }).attestations, true)
    assert.deepEqual(
      credentials.flatMap(({ claims }) => claims.map(({ identifier }) => identifier)),
      data.attributes,
    )
    const answer = { status: 'resolved', userId, userKey, request: signed, attestations: [...credentials] }
    const { ledger, authorities } = sandbox.directOptions()
    const asked = {
      token,
      clientId: data.clientId,
      url: data.callbackUrl,
      label: data.verificationLevel,
      attributes: data.attributes,
      optionalAttributes: [],
    }
    const read = readAnswer(answer)
    assert.ok(read.status === 'resolved')
    const verified = await verifyAnswer(asked, read, { ledger, authorities, confirmations: 1 })
    assert.equal(verified.userId, userId)
    assert.ok(verified.items.every(({ isValid }) => isValid))
    const { contact } = identity as { contact: { personal: object } }
    const { email, phoneNumber } = sandbox.wallet().person
    assert.deepEqual(contact.personal, { email, phoneNumber })
  })

  it('contains only the approval if nothing is shared: optional labels are not, as at Direct sites', async () => {
    const { form } = await second(await sandbox.authCode({ scopeRequest: 'ANONYMOUS_LOGIN' }))
    assert.deepEqual([form.credentials, form.identity], [[], {}])
    assert.match(form.request.userKey, /^0[23][0-9a-f]{64}$/)
  })

  it('is sent to those who ask for it; the others get the array', async () => {
    const options = sandbox.strategyOptions()
    const response = await postCode(options, await sandbox.authCode(), { body: { format: 'legacy' } })
    const { data } = (await response.json()) as { data: string }
    assert.deepEqual(
      open(options, data).map(({ label }) => label),
      ['contact.personal.email', 'contact.personal.phoneNumber'],
    )
  })

  it('is not for an app without attestations: 400, and the code stays valid', async () => {
    const { appId } = sandbox.createApp({ name: 'Shop', whitelist: ['localhost'] })
    const options = sandbox.strategyOptions(appId)
    const uuid = await new Page(sandbox).uuid({ appId })
    const { data } = claimsOf(
      (
        (await (await fetch(`${sandbox.url}/sip/prod/scopeRequest/${uuid}/callback`)).json()) as {
          token: string
        }
      ).token,
    )
    assert.equal('attestations' in data, false)
    const authToken = await sandbox.authCode({ appId })
    const refused = await postCode(options, authToken, W3C)
    assert.equal(refused.status, 400)
    assert.match(((await refused.json()) as { message: string }).message, /attestations: true/)
    assert.equal((await postCode(options, authToken)).status, 200)
  })

  it('is for an app by its own option', async () => {
    const { appId } = sandbox.createApp({ name: 'Shop', whitelist: ['localhost'], attestations: true })
    const authToken = await sandbox.authCode({ appId })
    assert.equal((await postCode(sandbox.strategyOptions(appId), authToken, W3C)).status, 200)
    assert.throws(
      () => sandbox.createApp({ name: 'Shop', attestations: 'yes' as never }),
      /^InputError: attestations/,
    )
  })
})
