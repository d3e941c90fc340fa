import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { once } from 'node:events'
import puppeteer from 'puppeteer-core'
import { Builder, By } from 'selenium-webdriver'
import type { WebDriver } from 'selenium-webdriver'
import { findProgram, launchChromium } from './browser.ts'
import { missing } from './missing.ts'
import { freePort } from './servers.ts'

/** A browser with one page, of any engine: Playwright drives only one of them as Debian packages it. */
export interface Engine {
  goto: (url: string) => Promise<void>
  click: (selector: string) => Promise<void>
  /** The value of a JavaScript expression in the page, or in the first iframe of it. */
  evaluate: (expression: string) => Promise<unknown>
  evaluateInFrame: (expression: string) => Promise<unknown>
  close: () => Promise<void>
}

/** Chromium, by Playwright, with whose settings it keeps all storage from third parties. */
export async function launchChromiumEngine(context: Mocha.Context): Promise<Engine> {
  const browser = await launchChromium(context)
  const page = await browser.newPage()
  return {
    goto: async (url) => {
      await page.goto(url)
    },
    click: (selector) => page.click(selector),
    evaluate: (expression) => page.evaluate(expression),
    evaluateInFrame: async (expression) => page.frames()[1]?.evaluate(expression),
    close: () => browser.close(),
  }
}

/**
 * Firefox, by WebDriver BiDi. Found on PATH, or by FIREFOX_PATH.
 * @param prefs as `about:config` has them
 */
export async function launchFirefox(
  context: Mocha.Context,
  prefs: Record<string, number> = {},
): Promise<Engine> {
  const executablePath = findProgram('FIREFOX_PATH', ['firefox-esr', 'firefox'])
  if (executablePath === undefined) return missing(context, 'Firefox', 'firefox-esr', 'FIREFOX_PATH')
  const browser = await puppeteer.launch({
    browser: 'firefox',
    executablePath,
    headless: true,
    extraPrefsFirefox: prefs,
  })
  const page = await browser.newPage()
  return {
    goto: async (url) => {
      await page.goto(url)
    },
    click: (selector) => page.click(selector),
    evaluate: (expression) => page.evaluate(expression),
    evaluateInFrame: async (expression) => page.frames()[1]?.evaluate(expression),
    close: () => browser.close(),
  }
}

const miniBrowsers = ['x86_64', 'aarch64'].map(
  (cpu) => `/usr/lib/${cpu}-linux-gnu/webkit2gtk-4.1/MiniBrowser`,
)

/** WebKit, Safari's engine, by WebKitWebDriver on a virtual screen. Found on PATH, or by WEBKIT_DRIVER_PATH. */
export async function launchWebKit(context: Mocha.Context): Promise<Engine> {
  const webDriver = findProgram('WEBKIT_DRIVER_PATH', ['WebKitWebDriver'])
  const xvfb = findProgram('XVFB_PATH', ['Xvfb'])
  const binary = miniBrowsers.find((path) => existsSync(path))
  if (webDriver === undefined || xvfb === undefined || binary === undefined) {
    return missing(context, 'WebKit', 'webkit2gtk-driver xvfb', 'WEBKIT_DRIVER_PATH')
  }
  const processes: ChildProcess[] = []
  const stopAll = (): Promise<unknown> => Promise.all(processes.map(stop))
  try {
    // Xvfb picks a free display and writes its number to the descriptor it is told
    const screen = spawn(xvfb, ['-displayfd', '3', '-nolisten', 'tcp'], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    })
    processes.push(screen)
    const [display] = (await once(screen.stdio[3]!, 'data')) as [Buffer]
    const port = await freePort()
    const env = { ...process.env, DISPLAY: `:${display.toString().trim()}` }
    processes.push(spawn(webDriver, [`--port=${port}`], { stdio: 'ignore', env }))
    return engineOf(await connect(port, binary), stopAll)
  } catch (error) {
    await stopAll()
    throw error
  }
}

async function connect(port: number, binary: string): Promise<WebDriver> {
  await until(() => fetch(`http://127.0.0.1:${port}/status`).catch(() => undefined))
  return new Builder()
    .usingServer(`http://127.0.0.1:${port}`)
    .withCapabilities({
      browserName: 'MiniBrowser',
      'webkitgtk:browserOptions': { binary, args: ['--automation'] },
    })
    .build()
}

function engineOf(driver: WebDriver, stopServer: () => Promise<unknown>): Engine {
  const evaluate = (expression: string): Promise<unknown> => driver.executeScript(`return (${expression})`)
  return {
    goto: (url) => driver.get(url),
    click: (selector) => driver.findElement(By.css(selector)).click(),
    evaluate,
    evaluateInFrame: async (expression) => {
      const [frame] = await driver.findElements(By.css('iframe'))
      if (frame === undefined) return undefined
      await driver.switchTo().frame(frame)
      try {
        return await evaluate(expression)
      } finally {
        await driver.switchTo().defaultContent()
      }
    },
    close: async () => {
      await driver.quit()
      await stopServer()
    },
  }
}

/** Asks until there is a result, as often as the event loop allows. */
export async function until<T>(ask: () => Promise<T | undefined | null | false>): Promise<T> {
  for (;;) {
    const answer = await ask()
    if (answer) return answer
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** Waits for an element. */
export function isThere(engine: Engine, selector: string): Promise<unknown> {
  return until(() => engine.evaluate(`document.querySelector(${JSON.stringify(selector)}) !== null`))
}

/** Waits for a text on the page. */
export function reads(engine: Engine, text: string): Promise<unknown> {
  return until(() => engine.evaluate(`document.body.innerText.includes(${JSON.stringify(text)})`))
}

async function stop(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit')
  child.kill()
  await exited
}
