import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, before, describe, it } from 'node:test'
import { createSandbox } from 'civic-sip-sandbox'
import { createApp } from './app.js'

describe('the site', () => {
  let sandbox, server, url
  before(async () => {
    sandbox = await createSandbox()
    const script = `${sandbox.url}/js/civic.sip.min.js`
    server = createApp({ ...sandbox.strategyOptions(), script }, 'for tests').listen(0)
    await once(server, 'listening')
    url = `http://localhost:${server.address().port}`
  })
  after(async () => {
    server?.closeAllConnections()
    server?.close()
    await sandbox?.close()
  })

  const post = (path, authToken, headers = {}) =>
    fetch(url + path, {
      method: 'POST',
      redirect: 'manual',
      headers: { 'Sec-Fetch-Site': 'same-origin', ...headers },
      body: new URLSearchParams({ authToken }),
    })

  it('logs bob in', async () => {
    const login = await post('/auth/civic', await sandbox.authCode({ user: 'bob' }))
    assert.equal(login.headers.get('location'), '/account')
    const Cookie = login.headers.getSetCookie()[0].split(';')[0]
    const account = await fetch(`${url}/account`, { headers: { Cookie } })
    assert.match(await account.text(), /bob\.baker@example\.org/)
  })

  it('refuses a person without an email address', async () => {
    const refused = await post('/auth/civic', await sandbox.authCode({ scopeRequest: 'ANONYMOUS_LOGIN' }))
    assert.equal(refused.status, 401)
  })

  it('links an identity of a person who is logged in, and of nobody else', async () => {
    const login = await post('/auth/civic', await sandbox.authCode({ user: 'alice' }))
    const Cookie = login.headers.getSetCookie()[0].split(';')[0]
    const carol = { user: 'carol' }
    assert.equal((await post('/link/civic', await sandbox.authCode(carol), { Cookie })).status, 303)
    assert.equal((await post('/link/civic', await sandbox.authCode(carol))).status, 403)
  })
})
