import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser } from 'playwright-core'
import { launchChromium } from '../support/browser.ts'
import { listen } from '../support/http.ts'
import type { Listening } from '../support/http.ts'

const FILES = fileURLToPath(new URL('../../wallet/dist/app/', import.meta.url))
const README = fileURLToPath(new URL('../../wallet/README.md', import.meta.url))
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
}

/** The code blocks of the README: the headers, then the configuration. */
async function printed(): Promise<[headers: Record<string, string>, config: string]> {
  const text = await readFile(README, 'utf8')
  const blocks = [...text.matchAll(/^```\w*\n([^]*?)^```/gm)].map(([, block]) => block!)
  const headers = blocks.find((block) => block.startsWith('Content-Security-Policy'))!
  const config = blocks.find((block) => block.includes('"trustedSips"'))!
  const pairs = headers
    .trim()
    .split('\n')
    .map((line) => line.split(/: (.*)/).slice(0, 2))
  return [Object.fromEntries(pairs) as Record<string, string>, config]
}

describe('the wallet’s page on a plain static server, as its README says', () => {
  let browser: Browser
  let listening: Listening
  let origin: string
  /** A later build. */
  let suffix = ''
  before(async function () {
    browser = await launchChromium(this)
    const [headers, config] = await printed()
    const serve = async (path: string): Promise<string | Buffer> => {
      if (path === '/config.json') return config
      const file = await readFile(join(FILES, path === '/' ? 'index.html' : path))
      return path === '/service-worker.js' ? file.toString() + suffix : file
    }
    const server = createServer((req, res) => {
      const path = req.url ?? ''
      serve(path).then(
        (body) => {
          const type = TYPES[extname(path === '/' ? 'index.html' : path)] ?? ''
          res.writeHead(200, { ...headers, 'Content-Type': type, 'Cache-Control': 'no-cache' }).end(body)
        },
        () => res.writeHead(404).end(),
      )
    })
    listening = await listen(server)
    origin = `http://localhost:${listening.port}`
  })
  after(async () => {
    await browser.close()
    await listening.close()
  })

  it('welcomes a person, can be installed, takes a new version when they like, and starts without a network', async () => {
    const context = await browser.newContext()
    const page = await context.newPage()
    const violations: string[] = []
    page.on('console', (message) => {
      if (/Content Security Policy|violates/.test(message.text())) violations.push(message.text())
    })
    await page.goto(origin)
    await page.getByRole('heading', { name: 'Your identity, in your pocket' }).waitFor()
    assert.equal(await page.getByText('test user').count(), 0)
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined))

    const session = await context.newCDPSession(page)
    const { errors } = await session.send('Page.getAppManifest')
    assert.deepEqual(errors, [])
    const { installabilityErrors } = await session.send('Page.getInstallabilityErrors')
    // A private window installs nothing
    const others = installabilityErrors.filter(({ errorId }) => errorId !== 'in-incognito')
    assert.deepEqual(others, [])

    await page.waitForFunction(() => navigator.serviceWorker.controller !== null)
    suffix = '\n// a later build\n'
    await page.evaluate(() =>
      navigator.serviceWorker.getRegistration().then((found) => found?.update().then(() => undefined)),
    )
    const use = page.getByRole('button', { name: 'Use it' })
    await use.waitFor()
    await Promise.all([page.waitForEvent('load'), use.click()])
    await page.getByRole('heading', { name: 'Your identity, in your pocket' }).waitFor()

    await listening.close()
    // A link starts it too; and nobody is offered test users, where the configuration has none
    await page.goto('about:blank')
    await page.goto(`${origin}/?from=mail#people`)
    await page.getByRole('heading', { name: 'Your identity, in your pocket' }).waitFor()
    await page.getByRole('link', { name: 'Create a wallet' }).click()
    await page.getByRole('heading', { name: 'Write these words down' }).waitFor()
    assert.deepEqual(violations, [])
    await context.close()
  })
})
