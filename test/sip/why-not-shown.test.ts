import assert from 'node:assert/strict'
import { createSandbox } from 'civic-sip-sandbox'
import type { Sandbox } from 'civic-sip-sandbox'

describe('the message for a page that may not frame the iframe page', () => {
  let sandbox: Sandbox
  let appId: string

  before(async () => {
    sandbox = await createSandbox()
    appId = sandbox.createApp({ name: 'Fern', whitelist: ['https://fern.example'] }).appId
  })
  after(() => sandbox.close())

  async function ask(query: string, origin: string): Promise<{ message?: string }> {
    const url = `${sandbox.url}/scopeRequest/prod/why?${query}`
    const response = await fetch(url, { headers: { Origin: origin } })
    assert.equal(response.status, 200)
    assert.equal(response.headers.get('access-control-allow-origin'), '*')
    return (await response.json()) as { message?: string }
  }

  it('that there is no such app', async () => {
    assert.deepEqual(await ask('appId=YOUR_APP_ID', 'https://fern.example'), {
      message: `There is no app YOUR_APP_ID: copy the app's id from ${sandbox.url}/`,
    })
  })

  it('that its domain is not allowed, and where to add it', async () => {
    assert.deepEqual(await ask(`appId=${appId}`, 'http://fern.example:3000'), {
      message: `http://fern.example:3000 is not an allowed domain of app ${appId}: add it at ${sandbox.url}/#app/${appId}`,
    })
  })

  it('that a page around it is not allowed', async () => {
    const { message } = await ask(`appId=${appId}&ancestor=https://frame.example`, 'https://fern.example')
    assert.match(String(message), /^https:\/\/frame\.example is not an allowed domain/)
  })

  it('nothing if the app allows all of them', async () => {
    assert.deepEqual(await ask(`appId=${appId}`, 'https://fern.example'), {})
    assert.deepEqual(await ask(`appId=${appId}&ancestor=https://fern.example`, 'https://fern.example'), {})
  })

  it('is in the dashboard’s activity', async () => {
    await ask(`appId=${appId}`, 'https://moss.example')
    const response = await fetch(`${sandbox.url}/dashboard/api/requests`)
    const [newest] = (await response.json()) as { origin: string; problem: string }[]
    assert.equal(newest?.origin, 'https://moss.example')
    assert.match(newest.problem, /^https:\/\/moss\.example is not an allowed domain/)
  })
})
