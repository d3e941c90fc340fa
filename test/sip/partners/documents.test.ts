import assert from 'node:assert/strict'
import { signSubject, verifyTree } from 'civic-attestations'
import type { Browser, Page } from 'playwright-core'
import { newRecoveryKey, startCosigner } from '../../../sip/lib/cosigner/cosign.ts'
import type { RunningCosigner } from '../../../sip/lib/cosigner/cosign.ts'
import { MemoryCosigner } from '../../../sip/lib/cosigner/memory-store.ts'
import { connectCosigner } from '../../../sip/lib/cosigner/remote.ts'
import { newKeyPair } from '../../../sandbox/lib/new-keys.ts'
import type { AttestingStatus } from '../../support/attesting.ts'
import { person as holder } from '../../support/recorded.ts'
import { launchChromium } from '../../support/browser.ts'
import { plainSeal } from '../support/seal.ts'
import { Server } from './support/server.ts'
import type { Somebody } from './support/server.ts'

const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

/** Opens the dashboard as somebody who is logged in. */
async function openAs(browser: Browser, { sip: { url } }: Server, somebody: Somebody): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 375, height: 800 } })
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: url })
  await context.addCookies([...somebody.cookies].map(([name, value]) => ({ name, value, url })))
  const page = await context.newPage()
  await page.goto(`${url}/`)
  return page
}

/** What comes of it when a page exports the private keys that it has. */
function exportedKeys(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const opening = indexedDB.open('civic-reviewer')
    await new Promise((resolve) => (opening.onsuccess = resolve))
    const reading = opening.result.transaction('keys').objectStore('keys').getAll()
    await new Promise((resolve) => (reading.onsuccess = resolve))
    return Promise.all(
      (reading.result as CryptoKeyPair[]).map(({ privateKey }) =>
        crypto.subtle.exportKey('jwk', privateKey).then(
          () => 'exported',
          (error: unknown) => (error as Error).name,
        ),
      ),
    )
  })
}

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
  const upload = async (at = server): Promise<string> => {
    const { json, status } = await at.person().send('POST', '/attester/attestations', {
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
      ['GET', 'documents/reviewer-keys'],
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
      const page = await openAs(browser, server, reviewer)
      const problems: string[] = []
      page.on('console', (message) => problems.push(message.text()))
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
      assert.equal(await page.getByText('Your signature').count(), 0, 'it is for a cosigner alone')
      await page.context().close()
    })

    describe('with a cosigner', () => {
      const recovery = newRecoveryKey().xpub
      const store = new MemoryCosigner()
      const callKey = 'k'.repeat(32)
      let cosigner: RunningCosigner
      let guarded: Server
      const start = async (reviewers: readonly string[], port = 0): Promise<void> => {
        cosigner = await startCosigner({ recovery, callKey, store, seal: plainSeal, reviewers, port })
      }
      before(async () => {
        await start([newKeyPair().pubKey])
        const url = cosigner.origin.replace('://', `://:${callKey}@`)
        const { signers, proofs, reviewerKeys } = await connectCosigner({ url, seed: 'seed' })
        guarded = await Server.start(undefined, { realPeople: true, signers, proofs: proofs!, reviewerKeys })
      })
      after(async () => {
        await guarded?.stop()
        await cosigner?.close()
      })

      it('signs an approval with a key that never leaves the browser, and the cosigner accepts it', async () => {
        const id = await upload(guarded)
        const page = await openAs(
          browser,
          guarded,
          await guarded.member(await guarded.operator(), 'REVIEWER'),
        )
        await page.getByRole('link', { name: 'Documents' }).click()
        const signature = page.getByRole('region', { name: 'Your signature' })
        await signature.getByRole('button', { name: 'Make a key' }).click()
        await signature.getByText('does not know this key yet').waitFor()
        await signature.getByRole('button', { name: 'Copy Public key' }).click()
        await signature.getByText('Copied').waitFor()
        const pubKey = await page.evaluate(() => navigator.clipboard.readText())
        await page.getByRole('button', { name: /^Open the document/ }).click()
        await page.getByRole('button', { name: 'Approve' }).click()
        await page.getByText('the cosigner does not know this reviewer’s key').waitFor()

        const { port } = new URL(cosigner.origin)
        await cosigner.close()
        await start([pubKey], Number(port))
        await page.reload()
        await signature.getByText('The cosigner knows this key').waitFor()
        assert.deepEqual(await exportedKeys(page), ['InvalidAccessError'])
        await page.getByRole('button', { name: /^Open the document/ }).click()
        await page.getByRole('button', { name: 'Approve' }).click()
        await page.getByText('No documents are waiting.').waitFor()
        await page.context().close()

        const path = `/attester/attestations/${id}`
        const ask = async (method: string, body?: object) =>
          (await guarded.person().send(method, path, body)).json as AttestingStatus
        const { root } = verifyTree((await ask('GET')).tree)
        const subject = signSubject({ label: 'attCivicResidence', data: root }, holder('one').xprv)
        await ask('PUT', { subject })
        const { state, reason } = await ask('GET')
        assert.deepEqual([state, reason], ['attested', undefined])
      })
    })
  })
})
