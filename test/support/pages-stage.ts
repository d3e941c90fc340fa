import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import assert from 'node:assert/strict'
import { createSandbox } from 'civic-sip-sandbox'
import type { Sandbox, SandboxOptions } from 'civic-sip-sandbox'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { BrowserStage, useBrowserStage } from './browser-stage.ts'
import { Page as Asker } from './page.ts'

const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js')

export const phone = { viewport: { width: 375, height: 812 }, hasTouch: true, isMobile: true } as const

/** A sandbox and a browser that shows its pages, for the tests of one `describe`. */
export class Stage extends BrowserStage {
  sandbox!: Sandbox
  readonly #options: SandboxOptions

  constructor(options: SandboxOptions) {
    super()
    this.#options = options
  }

  protected async set(): Promise<void> {
    this.sandbox = await createSandbox(this.#options)
    this.closing(() => this.sandbox.close())
  }

  /**
   * Opens one of the sandbox's pages, or a URL, in a new browser profile. A violation of the page's policy is thrown.
   */
  async visit(path: string, options: BrowserContextOptions = {}): Promise<Page> {
    const context = await this.profile(options)
    const page = await context.newPage()
    page.on('pageerror', (error) => {
      throw error
    })
    page.on('console', (message) => {
      assert.doesNotMatch(message.text(), /Content Security Policy|violates/)
    })
    await page.goto(path.startsWith('http') ? path : this.sandbox.url + path)
    return page
  }

  /** The wallet's page of a test user, at its first screen or at a request. */
  async wallet(name: string, link?: string, options: BrowserContextOptions = phone): Promise<Page> {
    const page = await this.visit(link ?? this.sandbox.walletUrl, options)
    await page.getByRole('button', { name }).click()
    await page.getByRole('link', { name: `Wallet of ${name}` }).waitFor()
    return page
  }

  /** A new scope request: its uuid, the link in its QR code, and the page that asked. */
  async request(
    verificationLevel: string,
    fields: Record<string, string> = {},
  ): Promise<{ asker: Asker; uuid: string; link: string }> {
    const asker = new Asker(this.sandbox)
    const uuid = await asker.uuid({ verificationLevel, ...fields })
    const link = `${this.sandbox.walletUrl}#${this.sandbox.url}/sip/prod/scopeRequest/${uuid}/callback`
    return { asker, uuid, link }
  }
}

export function useStage(options: SandboxOptions = {}): Stage {
  return useBrowserStage(new Stage(options))
}

/** The code of the newest mail, as the test mailbox has it. */
export async function mailedCode(sandbox: Sandbox): Promise<string> {
  const mails = (await (await fetch(`${sandbox.url}/sandbox/api/mail`)).json()) as { text: string }[]
  return /\d{6}/.exec(mails[0]!.text)![0]
}

/** Completes the step that verifies an email. */
export async function verifyEmail(page: Page, sandbox: Sandbox): Promise<void> {
  await page.getByRole('button', { name: 'Send the code' }).click()
  const field = page.getByLabel('Code from the email')
  await field.waitFor()
  await field.fill(await mailedCode(sandbox))
  await page.getByRole('button', { name: 'Verify email' }).click()
  await field.waitFor({ state: 'detached' })
}

/** Axe-core finds nothing wrong, and nothing sticks out at the side. For a page opened with `bypassCSP`. */
export async function assertAccessible(page: Page): Promise<void> {
  await page.evaluate(await readFile(axe, 'utf8'))
  const { violations } = await page.evaluate<{ violations: { id: string; nodes: { html: string }[] }[] }>(
    'axe.run()',
  )
  assert.deepEqual(
    violations.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)]),
    [],
  )
  assert.ok(
    (await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')) <= 0,
    'wider than the window',
  )
}
