import assert from 'node:assert/strict'
import { createSandbox } from 'civic-sip-sandbox'
import type { Sandbox } from 'civic-sip-sandbox'
import { isThere, reads, launchFirefox, launchWebKit } from '../support/engines.ts'
import type { Engine } from '../support/engines.ts'
import { exchange } from '../support/partner.ts'
import { Page as Asker } from '../support/page.ts'

const engines = [
  { name: 'Firefox', launch: launchFirefox },
  { name: 'WebKit, Safari’s engine', launch: launchWebKit },
]

for (const { name, launch } of engines) {
  describe(`wallet and dashboard pages in ${name}`, () => {
    const closing: (() => Promise<void>)[] = []
    let engine: Engine, sandbox: Sandbox

    before(async function () {
      engine = await launch(this)
      closing.push(() => engine.close())
      sandbox = await createSandbox()
      closing.push(() => sandbox.close())
    })
    after(() => Promise.all(closing.map((close) => close())))

    const click = async (selector: string): Promise<void> => {
      await isThere(engine, selector)
      await engine.click(selector)
    }

    it('takes a picture of the card, has it verified, and shares it', async () => {
      const asker = new Asker(sandbox)
      const uuid = await asker.uuid({ verificationLevel: 'passport' })
      const callback = `${sandbox.url}/sip/prod/scopeRequest/${uuid}/callback`
      await engine.goto(`${sandbox.walletUrl}#${callback}`)
      await click('.people li:first-child button')
      await click('.actions .button.primary:enabled')
      await click('.narrow .button.primary')
      await reads(engine, 'Continue at localhost:3000')
      const { authResponse } = await asker.poll(uuid)
      const { data } = await exchange(sandbox.strategyOptions(), authResponse!)
      const picture = data.find(({ label }) => label === 'documents.genericId.image')!
      assert.ok(picture.isValid && picture.isOwner)
      const bytes = Buffer.from(picture.value, 'base64')
      // A blank card would be far smaller than one with waves, a silhouette and texts
      assert.ok(bytes.length > 20_000, `${bytes.length} bytes`)
    })

    it('lists it in the dashboard, and revokes it there', async () => {
      await engine.goto(`${sandbox.url}/#attestations`)
      await click('main li .button.danger')
      await click('dialog[open] .button.danger')
      await reads(engine, 'revoked')
    })
  })
}
