import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { build } from 'esbuild'
import { DirectRequests } from '../../lib/direct/index.ts'
import { launchChromiumEngine, launchFirefox, launchWebKit, until } from '../support/engines.ts'
import type { Engine } from '../support/engines.ts'
import { listen, serve } from '../support/http.ts'
import { OPTIONS } from '../support/shop.ts'

const engines = [
  { name: 'Chromium', launch: launchChromiumEngine },
  { name: 'Firefox', launch: (context: Mocha.Context) => launchFirefox(context) },
  { name: 'WebKit, Safari’s engine', launch: launchWebKit },
]

/** A wallet that answers a link, as a wallet of another maker would load it. */
async function walletPage(): Promise<string> {
  const contents = `
    import { Wallet } from 'civic-wallet'
    const wallet = new Wallet({ seed: '000102030405060708090a0b0c0d0e0f', allowPrivate: true })
    window.answer = (link, call) => {
      window.said = ''
      wallet.read(link).then((request) => wallet[call](request))
        .then((result) => (window.said = JSON.stringify(result ?? {})), (error) => (window.said = String(error)))
    }`
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: import.meta.dirname },
    ...{
      bundle: true,
      platform: 'browser',
      format: 'iife',
      target: 'es2022',
      write: false,
      logLevel: 'silent',
    },
  })
  const script = outputFiles[0]!.text.replaceAll('</script', '<\\/script')
  return `<!doctype html><meta charset="utf-8"><title>Wallet</title><script>${script}</script>`
}

for (const { name, launch } of engines) {
  describe(`a wallet on a page of another origin, in ${name}`, () => {
    const closing: (() => Promise<void>)[] = []
    /** What the site gets of each call: the method, the path's end and the cookie. */
    const got: [method: string, path: string, cookie: string | undefined][] = []
    let engine: Engine
    let origin: string

    before(async function () {
      engine = await launch(this)
      closing.push(() => engine.close())
      const page = await walletPage()
      const wallet = await serve((_req, res) => res.setHeader('Content-Type', 'text/html').end(page))
      const server = createServer()
      const site = await listen(server)
      closing.push(wallet.close, site.close)
      origin = site.origin
      const direct = new DirectRequests({ ...OPTIONS, origin })
      server.on('request', (req, res) => {
        got.push([req.method ?? '', (req.url ?? '').replace(/^.*\//, ''), req.headers.cookie])
        direct.routes(req, res, () => res.writeHead(404).end())
      })
      await engine.goto(wallet.origin)
      // Cookies know no ports: sent along, this one would reach the site
      await engine.evaluate("(document.cookie = 'wallet=1; path=/')")
    })
    after(() => Promise.all(closing.map((close) => close())))

    async function answer(call: 'approve' | 'decline'): Promise<Record<string, unknown>> {
      const started = await fetch(`${origin}/civic/start`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', 'Sec-Fetch-Site': 'same-origin' },
        body: JSON.stringify({ channel: 'scan', scopeRequest: 'ANONYMOUS_LOGIN' }),
      })
      const { link } = (await started.json()) as { link: string }
      got.length = 0
      await engine.evaluate(`answer(${JSON.stringify(link)}, ${JSON.stringify(call)})`)
      const said = (await until(() => engine.evaluate('window.said'))) as string
      assert.match(said, /^\{/)
      return JSON.parse(said) as Record<string, unknown>
    }

    it('reads a request of a site and approves it, with no cookie', async () => {
      const { confirm } = await answer('approve')
      assert.match(String(confirm), /^\d{6}$/)
      const calls = got.filter(([method]) => method !== 'OPTIONS')
      assert.deepEqual(calls, [
        ['GET', 'callback', undefined],
        ['GET', 'civic-sip', undefined],
        ['POST', 'callback', undefined],
      ])
      assert.equal(await engine.evaluate('document.cookie'), 'wallet=1')
    })

    it('declines one', async () => {
      assert.deepEqual(await answer('decline'), {})
      assert.ok(got.some(([method, path]) => method === 'POST' && path === 'callback'))
    })
  })
}
