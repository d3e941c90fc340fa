import type { Browser, BrowserContext, BrowserContextOptions } from 'playwright-core'
import { launchChromium } from '../helpers/browser.ts'
import { startCivic, type Civic } from './civic.ts'
import { Popup } from './popup.ts'
import { startSite, type Site } from './site.ts'

/** Civic, a site that uses it, and a browser, for the tests of one `describe`. */
export class Stage {
  readonly #closing: (() => Promise<void>)[] = []
  #contexts: BrowserContext[] = []
  browser!: Browser
  civic!: Civic
  site!: Site

  async open(context: Mocha.Context, html: Record<string, string>): Promise<void> {
    this.browser = await launchChromium(context)
    this.#closing.push(() => this.browser.close())
    this.civic = await startCivic()
    this.#closing.push(() => this.civic.close())
    this.site = await startSite(this.civic, html)
    this.#closing.push(() => this.site.close())
    this.civic.whitelist.push(this.site.origin)
  }

  /**
   * Opens a page of the site for a new person, with an iframe page that polls more often than for people; `script` runs
   * before any of the page's own.
   */
  async visit(path: string, options: BrowserContextOptions = {}, script?: () => void): Promise<Popup> {
    const context = await this.browser.newContext(options)
    this.#contexts.push(context)
    await context.route(`${this.civic.url}/scopeRequest/*/index.html*`, async (route) => {
      const response = await route.fetch()
      const body = (await response.text()).replace(/data-poll-ms="\d+"/, 'data-poll-ms="50"')
      await route.fulfill({ response, body })
    })
    if (script !== undefined) await context.addInitScript(script)
    const page = await context.newPage()
    await page.goto(`${this.site.origin}/${path}`)
    return new Popup(page)
  }

  /** Another site beside the first, that is not on the app's white list. */
  async another(html: Record<string, string>): Promise<Site> {
    const site = await startSite(this.civic, html)
    this.#closing.push(() => site.close())
    return site
  }

  async leave(): Promise<void> {
    await Promise.all(this.#contexts.map((context) => context.close()))
    this.#contexts = []
  }

  async close(): Promise<void> {
    await Promise.all(this.#closing.map((close) => close()))
  }
}

/** A stage for the `describe` it is called in, with the pages of `html` on its site, by their names. */
export function useStage(html: Record<string, string> = {}): Stage {
  const stage = new Stage()
  before(async function () {
    await stage.open(this, html)
  })
  afterEach(() => stage.leave())
  after(() => stage.close())
  return stage
}
