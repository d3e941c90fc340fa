import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createSandbox } from 'civic-sip-sandbox'
import type { Sandbox } from 'civic-sip-sandbox'

function says(name: string, nearest: string) {
  return (error: unknown): boolean =>
    error instanceof TypeError && error.message === `${name} is not an option. Did you mean ${nearest}?`
}

describe('sandbox: an unknown option is refused, with the nearest known one', () => {
  let sandbox: Sandbox
  before(async () => {
    sandbox = await createSandbox()
  })
  after(() => sandbox.close())

  it('of createSandbox', async () => {
    await assert.rejects(createSandbox({ prot: 4000 } as never), says('prot', 'port'))
    await assert.rejects(createSandbox({ prot: undefined } as never), says('prot', 'port'))
  })

  it('of createApp', () => {
    assert.throws(() => sandbox.createApp({ name: 'A', scope: [] } as never), says('scope', 'scopes'))
    assert.throws(
      () => sandbox.createApp({ name: 'A', whiteList: [] } as never),
      says('whiteList', 'whitelist'),
    )
  })

  it('of authCode', async () => {
    await assert.rejects(sandbox.authCode({ scope: 'BASIC_LOGIN' } as never), says('scope', 'scopeRequest'))
    await assert.rejects(sandbox.authCode({ appID: 'x' } as never), says('appID', 'appId'))
  })

  it('of fault', () => {
    assert.throws(() => sandbox.fault({ delay: 5 } as never), says('delay', 'delayMs'))
  })

  it('over HTTP, as a 400', async () => {
    const post = async (path: string, body: object, method = 'POST') => {
      const headers = { 'Content-Type': 'application/json' }
      const response = await fetch(sandbox.url + path, { method, headers, body: JSON.stringify(body) })
      return [response.status, ((await response.json()) as { message: string }).message]
    }
    const refused = (name: string, nearest: string) => [
      400,
      `${name} is not an option. Did you mean ${nearest}?`,
    ]
    assert.deepEqual(await post('/dev/authCode', { scope: 'BASIC_LOGIN' }), refused('scope', 'scopeRequest'))
    assert.deepEqual(await post('/dashboard/api/apps', { name: 'A', scope: [] }), refused('scope', 'scopes'))
    const { appId } = sandbox.strategyOptions()
    const app = `/dashboard/api/apps/${appId}`
    assert.deepEqual(await post(app, { scope: [] }, 'PATCH'), refused('scope', 'scopes'))
  })

  it('by the same rule as in passport-civic-sip', () => {
    const [ours, theirs] = ['sip/lib', 'lib'].map((folder) =>
      readFileSync(new URL(`../../${folder}/known-options.ts`, import.meta.url), 'utf8'),
    )
    assert.equal(ours, theirs)
  })
})
