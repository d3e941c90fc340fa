import { createSandbox } from 'civic-sip-sandbox'
import type { Sandbox } from 'civic-sip-sandbox'
import { ScopeRequests } from 'passport-civic-sip/user-data'
import type { BrowserContextOptions } from 'playwright-core'
import { BrowserStage, useBrowserStage } from '../support/browser-stage.ts'
import { Popup } from './popup.ts'
import { startSite } from './site.ts'
import type { Site } from './site.ts'

/** A sandbox, a site that uses it, and a browser, for the tests of one `describe`. */
export class Stage extends BrowserStage {
  sandbox!: Sandbox
  site!: Site
  appId = ''
  readonly #html: Record<string, string>

  constructor(html: Record<string, string>) {
    super()
    this.#html = html
  }

  protected async set(): Promise<void> {
    this.sandbox = await createSandbox()
    this.closing(() => this.sandbox.close())
    this.site = await this.another(this.#html)
    const whitelist = [this.site.origin]
    const scopes = Object.keys(ScopeRequests)
    this.appId = this.sandbox.createApp({ name: 'A site', whitelist, scopes }).appId
  }

  /** The host of the sites: in an iframe of another one Chromium refuses storage, see return.long.test.ts. */
  get url(): string {
    return this.sandbox.url.replace('localhost', '127.0.0.1')
  }

  /**
   * Opens a page of the site for a new person, with an iframe page that polls more often than for people;
   * `script` runs before any of the page's own.
   */
  async visit(path: string, options: BrowserContextOptions = {}, script?: () => void): Promise<Popup> {
    const context = await this.profile(options)
    const popup = new Popup(await context.newPage())
    await context.route(`${this.url}/scopeRequest/*/index.html*`, async (route) => {
      const response = await route.fetch()
      const body = (await response.text()).replace(/data-poll-ms="\d+"/, 'data-poll-ms="50"')
      await route.fulfill({ response, body })
    })
    await context.route(`${this.url}/sip/*/scopeRequest/*`, async (route) => {
      const response = await route.fetch()
      const { authResponse } = (await response.json()) as { authResponse?: string }
      popup.token = authResponse ?? popup.token
      await route.fulfill({ response })
    })
    if (script !== undefined) await context.addInitScript(script)
    await popup.page.goto(`${this.site.origin}/${path}`)
    return popup
  }

  /** Another site beside the first, that is not on the app's white list. */
  async another(html: Record<string, string>): Promise<Site> {
    const site = await startSite(this, html)
    this.closing(() => site.close())
    return site
  }

  async read(uuid: string): Promise<void> {
    await this.sandbox.wallet().read(uuid)
  }

  async approve(uuid: string): Promise<void> {
    await this.sandbox.wallet().approve(uuid)
  }

  async deny(uuid: string): Promise<void> {
    await this.sandbox.wallet().deny(uuid)
  }
}

/** A stage for the `describe` it is called in, with the pages of `html` on its site, by their names. */
export function useStage(html: Record<string, string> = {}): Stage {
  return useBrowserStage(new Stage(html))
}
