import assert from 'node:assert/strict'
import { createSandbox } from 'civic-sip-sandbox'
import type { Sandbox } from 'civic-sip-sandbox'
import { isThere, reads, launchFirefox, launchWebKit, until } from '../support/engines.ts'
import type { Engine } from '../support/engines.ts'
import { Page as Asker } from '../support/page.ts'
import { exchange } from '../support/partner.ts'
import { PASSPHRASE } from '../support/own-wallet.ts'

const engines = [
  { name: 'Firefox', launch: launchFirefox },
  { name: 'WebKit, Safari’s engine', launch: launchWebKit },
]

for (const { name, launch } of engines) {
  describe(`a wallet that a person keeps, in ${name}`, () => {
    const closing: (() => Promise<void>)[] = []
    let engine: Engine, sandbox: Sandbox

    before(async function () {
      engine = await launch(this)
      closing.push(() => engine.close())
      sandbox = await createSandbox()
      closing.push(() => sandbox.close())
    })
    after(() => Promise.all(closing.map((close) => close())))

    /** Clicks the button with this text, once it can be clicked. */
    const press = (text: string): Promise<unknown> =>
      until(() =>
        engine.evaluate(`(() => {
          const buttons = [...document.querySelectorAll('button:enabled')]
          const button = buttons.find(({ textContent }) => textContent === ${JSON.stringify(text)})
          button?.click()
          return button !== undefined
        })()`),
      )
    async function fill(selector: string, value: string): Promise<void> {
      await isThere(engine, selector)
      await engine.evaluate(
        `(document.querySelector(${JSON.stringify(selector)}).value = ${JSON.stringify(value)})`,
      )
    }
    async function choosePassphrase(button: string): Promise<void> {
      await fill('#first', PASSPHRASE)
      await fill('#again', PASSPHRASE)
      await press(button)
      await reads(engine, 'Your details')
    }

    /** Approves a private login. @returns the userId at the site */
    async function userId(): Promise<string> {
      const asker = new Asker(sandbox)
      const uuid = await asker.uuid({ verificationLevel: 'Anonymous_Login' })
      await engine.evaluate(`(location.hash = '${sandbox.url}/sip/prod/scopeRequest/${uuid}/callback')`)
      await press('Yes')
      await press('Approve')
      await reads(engine, 'Approved')
      const { authResponse } = await asker.poll(uuid)
      return (await exchange(sandbox.strategyOptions(), authResponse!)).userId
    }

    it('is made, approves a login, and comes back by its words as the same person', async () => {
      await engine.goto(`${sandbox.walletUrl}#create`)
      await isThere(engine, '.words li')
      const words = await engine.evaluate(
        `[...document.querySelectorAll('.words li')].map(({ textContent }) => textContent).join(' ')`,
      )
      await press('I have written them down')
      await press('Do this later')
      await choosePassphrase('Create the wallet')
      const before = await userId()

      await engine.evaluate("(location.hash = 'restore')")
      await fill('#words', String(words))
      await press('Continue')
      await choosePassphrase('Restore the wallet')
      assert.equal(await userId(), before)
    })
  })
}
