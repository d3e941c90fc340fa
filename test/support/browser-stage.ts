import type { Browser, BrowserContext, BrowserContextOptions } from 'playwright-core'
import { launchChromium } from './browser.ts'

/** A browser, and what its pages need, for the tests of one `describe`. */
export abstract class BrowserStage {
  browser!: Browser
  readonly #closing: (() => Promise<unknown>)[] = []
  readonly #contexts: BrowserContext[] = []

  /**
   * Starts the browser, and then the rest of the stage.
   * @param switches of Chromium, as `launchChromium` takes them
   */
  async open(context: Mocha.Context, switches: readonly string[] = []): Promise<void> {
    const browser = await launchChromium(context, switches)
    this.browser = browser
    this.closing(() => browser.close())
    await this.set()
  }

  /** Starts the rest of the stage. */
  protected abstract set(): Promise<void>

  /** Runs after all tests. */
  protected closing(close: () => Promise<unknown>): void {
    this.#closing.push(close)
  }

  /** A browser profile that lasts for one test. */
  async profile(options: BrowserContextOptions = {}): Promise<BrowserContext> {
    const context = await this.browser.newContext(options)
    this.#contexts.push(context)
    return context
  }

  async leave(): Promise<void> {
    await Promise.all(this.#contexts.splice(0).map((context) => context.close()))
  }

  async close(): Promise<void> {
    await Promise.all(this.#closing.map((close) => close()))
  }
}

/** Opens a stage for the `describe` that this is called in. */
export function useBrowserStage<S extends BrowserStage>(stage: S): S {
  before(async function () {
    await stage.open(this)
  })
  afterEach(() => stage.leave())
  after(() => stage.close())
  return stage
}
