import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { newKeyPair } from '../../sip/dashboard/key-pair.ts'
import { Somebody } from '../support/somebody.ts'
import { createApp } from '../support/app.ts'
import type { Outcome } from '../support/app.ts'
import { BehindNginx } from '../support/behind-nginx.ts'
import { serve } from '../support/http.ts'
import { ServerProcess } from '../support/server-process.ts'
import { AskingPage } from '../support/through-proxy.ts'

const EMAIL = 'contact.personal.email'
const ADDRESS = 'ada@example.org'
/** The page in a native app: the one origin that a live app may have without a proof. */
const ORIGIN = 'capacitor://localhost'

describe('civic-sip-server: from the invite to the first login', function () {
  this.timeout(300_000)
  let servers: BehindNginx
  before(async function () {
    servers = await BehindNginx.start(this)
  })
  after(async () => {
    await (servers as BehindNginx | undefined)?.stop()
  })

  /** What the operator of the machine types, on either process. */
  async function invite(process: number, ...options: string[]): Promise<string> {
    const command = new ServerProcess(servers.processes[process]!.variables, 'invite', ...options)
    assert.equal(await command.ended, 0, command.output)
    const [link] = /https:\S+#join\/[\w-]{43}/.exec(command.output) ?? assert.fail(command.output)
    return link
  }

  const somebody = (): Somebody =>
    new Somebody(servers.url, randomBytes(32).toString('hex'), servers.proxy.fetch)

  async function sent<T>(by: Somebody, method: string, path: string, body?: unknown): Promise<T> {
    const { status, json, text } = await by.send(method, path, body)
    assert.ok(status < 300, `${method} ${path}: ${status} ${text}`)
    return json
  }

  it('logs a person in with a verified email, at an app on an origin that needs no proof', async () => {
    const { url, proxy, mails } = servers

    const [owner, operator] = [somebody(), somebody()]
    await owner.join(await invite(0), { name: 'Olivia', partnerName: 'Shop' })
    await operator.join(await invite(1, '--operator'), { name: 'Otto' })
    assert.equal((await owner.logIn()).status, 204)

    const { prvKey, pubKey } = newKeyPair()
    const { appId, environment, keys } = await sent<{
      appId: string
      environment: string
      keys: [{ keyId: string }]
    }>(owner, 'POST', 'apps', { name: 'Shop', pubKey, whitelist: ['https://shop.test'] })
    assert.equal(environment, 'test')
    const refused = await owner.send('PUT', `apps/${appId}/review`, { live: true })
    assert.deepEqual([refused.status, /shop\.test.*private network/.test(refused.text)], [400, true])
    await sent(owner, 'PATCH', `apps/${appId}`, { whitelist: [ORIGIN] })
    assert.deepEqual(await sent(owner, 'GET', `apps/${appId}/domains`), [])

    const { askedAt } = await sent<{ askedAt: number }>(owner, 'PUT', `apps/${appId}/review`, { live: true })
    const reviews = await sent<{ appId: string }[]>(operator, 'GET', 'operator/reviews')
    assert.deepEqual(
      reviews.map((review) => review.appId),
      [appId],
    )
    await sent(operator, 'POST', `operator/reviews/${appId}`, { approve: true, askedAt })
    const [app] = await sent<[{ environment: string }]>(owner, 'GET', 'apps')
    assert.equal(app.environment, 'live')
    const [{ keyId }] = keys
    await owner.approve({ act: 'reveal', appId, keyId })
    const { appSecret } = await sent<{ appSecret: string }>(
      owner,
      'POST',
      `apps/${appId}/keys/${keyId}/reveal`,
    )

    const ada = servers.wallet()
    const attester = `${url}/attester`
    const details = { [EMAIL]: ADDRESS }
    assert.equal((await ada.attest(attester, details)).state, 'code-sent')
    let { state } = await ada.attest(attester, details, { [EMAIL]: await mails.codeTo(ADDRESS) })
    // A block comes every second
    for (let at = 0; state === 'anchoring' && at < 50; at++) ({ state } = await ada.attest(attester, details))
    assert.equal(state, 'attested')

    const site = await serve(
      createApp({
        ...{ appId, appSecret, prvKey },
        api: `${url}/sip/`,
        sipPublicKey: await servers.sipPublicKey(),
        fetch: proxy.fetch,
      }),
    )
    try {
      const logIn = async (): Promise<{ status: number; outcome: Outcome }> => {
        const page = new AskingPage(proxy.fetch, url, ORIGIN)
        const { confirm } = await ada.approve(await ada.read(await page.ask(appId, [EMAIL])))
        await page.confirm(confirm)
        const { authResponse = '' } = await page.poll()
        const response = await fetch(`${site.origin}/auth/civic`, {
          method: 'POST',
          body: new URLSearchParams({ authToken: authResponse }),
        })
        return { status: response.status, outcome: (await response.json()) as Outcome }
      }
      const { status, outcome } = await logIn()
      assert.equal(status, 200, JSON.stringify(outcome))
      const user = outcome.user as { userId: string; scopeData: { label: string; value: string }[] }
      assert.match(user.userId, /^[0-9a-f]{64}$/)
      assert.deepEqual(
        user.scopeData.map(({ label, value }) => [label, value]),
        [[EMAIL, ADDRESS]],
      )
      const again = (await logIn()).outcome.user as { userId: string }
      assert.equal(again.userId, user.userId)
    } finally {
      await site.close()
    }
  })
})
