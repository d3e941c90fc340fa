import assert from 'node:assert/strict'
import type { Browser } from 'playwright-core'
import { person as holder } from '../../support/recorded.ts'
import { launchChromium } from '../../support/browser.ts'
import { Server } from './support/server.ts'
import type { Somebody } from './support/server.ts'

const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

describe('sip: the reviewers’ desk', () => {
  let server: Server
  let operator: Somebody
  let reviewer: Somebody
  before(async () => {
    server = await Server.start(undefined, { realPeople: true })
    operator = await server.operator()
    reviewer = await server.member(operator, 'REVIEWER')
  })
  after(() => server.stop())

  /** Has an address looked at. @returns the id by which its owner asks for it */
  const upload = async (): Promise<string> => {
    const { json, status } = await server.person().send('POST', '/attester/attestations', {
      label: 'attCivicResidence',
      xpub: holder('one').xpub,
      claims: { 'documents.address.city': 'Amaurot' },
      picture: PNG,
    })
    assert.equal(status, 202)
    return (json as { id: string }).id
  }
  const stateOf = async (id: string) =>
    (await server.person().send('GET', `/attester/attestations/${id}`)).json as {
      state: string
      reason?: string
    }

  it('is for members with that role only', async () => {
    await upload()
    const { json } = await reviewer.send('GET', 'documents')
    const [{ key }] = json as [{ key: string }]
    const developer = await server.member(await server.owner('Shop'), 'DEVELOPER')
    for (const [method, path, body] of [
      ['GET', 'documents'],
      ['GET', `documents/${key}`],
      ['POST', `documents/${key}/approve`, {}],
      ['POST', `documents/${key}/refuse`, { reason: 'no' }],
    ] as const) {
      assert.equal((await server.person().send(method, path, body)).status, 401)
      for (const other of [operator, developer])
        assert.equal((await other.send(method, path, body)).status, 403)
    }
    assert.equal((await reviewer.send('POST', `documents/${key}/refuse`, { reason: 'no' })).status, 204)
  })

  it('notes who looked at which document, and nothing of it', async () => {
    await upload()
    const [{ key }] = (await reviewer.send('GET', 'documents')).json as [{ key: string }]
    await reviewer.send('GET', `documents/${key}`)
    await reviewer.send('POST', `documents/${key}/approve`, {})
    const { text } = await operator.send('GET', 'operator/audit')
    for (const what of ['document.read', 'document.approved', 'A REVIEWER', key])
      assert.ok(text.includes(what), what)
    assert.ok(!text.includes('Amaurot'))
  })

  describe('in a browser', () => {
    let browser: Browser
    before(async function () {
      browser = await launchChromium(this)
    })
    after(() => browser?.close())

    it('shows a document beside the claims, and refuses it with a reason', async () => {
      const id = await upload()
      const context = await browser.newContext({ viewport: { width: 375, height: 800 } })
      const url = server.sip.url
      await context.addCookies([...reviewer.cookies].map(([name, value]) => ({ name, value, url })))
      const page = await context.newPage()
      const problems: string[] = []
      page.on('console', (message) => problems.push(message.text()))
      await page.goto(`${url}/`)
      await page.getByRole('link', { name: 'Documents' }).click()
      await page.getByRole('button', { name: /^Open the document/ }).click()
      await page.getByText('Amaurot').waitFor()
      const picture = page.getByRole('img', { name: 'Picture 1 of the document' })
      assert.equal(await picture.evaluate((image: HTMLImageElement) => image.naturalWidth), 1)
      await page.getByLabel('Reason, if you refuse').fill('The picture shows no address.')
      await page.getByRole('button', { name: 'Refuse' }).click()
      await page.getByText('No documents are waiting.').waitFor()
      assert.deepEqual(await stateOf(id), { state: 'refused', reason: 'The picture shows no address.' })
      assert.deepEqual(
        problems.filter((text) => /Content Security Policy|violates/.test(text)),
        [],
      )
      const isWide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)
      assert.equal(isWide, false)
      await context.close()
    })
  })
})
