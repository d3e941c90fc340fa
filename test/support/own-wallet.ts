import assert from 'node:assert/strict'
import type { Locator, Page } from 'playwright-core'

export const PASSPHRASE = 'four words that fit'

export function button(page: Page, name: string): Locator {
  return page.getByRole('button', { name, exact: true })
}

export function heading(page: Page, name: string | RegExp): Locator {
  return page.getByRole('heading', { level: 1, name })
}

/** The person's first screen once the wallet is open. */
export function details(page: Page): Locator {
  return page.getByRole('heading', { name: 'Your details' })
}

/**
 * Makes a wallet on a page at `#create`, without checking the words.
 * @returns the words
 */
export async function create(page: Page): Promise<string> {
  await heading(page, 'Write these words down').waitFor()
  const words = await page.locator('.words li').allInnerTexts()
  assert.equal(words.length, 12)
  await button(page, 'I have written them down').click()
  await button(page, 'Do this later').click()
  await choosePassphrase(page, 'Create the wallet')
  await details(page).waitFor()
  return words.join(' ')
}

/** Restores a wallet on a page at `#restore`. */
export async function restore(page: Page, words: string): Promise<void> {
  await page.getByLabel('The words of your wallet').fill(words)
  await button(page, 'Continue').click()
  await choosePassphrase(page, 'Restore the wallet')
  await details(page).waitFor()
}

export async function choosePassphrase(page: Page, done: string, passphrase = PASSPHRASE): Promise<void> {
  await page.getByLabel('Passphrase').fill(passphrase)
  await page.getByLabel('Type it again').fill(passphrase)
  await button(page, done).click()
}

export async function unlock(page: Page, passphrase = PASSPHRASE): Promise<void> {
  await page.getByLabel('Passphrase').fill(passphrase)
  await button(page, 'Unlock').click()
}

/** Everything that a browser stores for the wallet's origin, as text: IndexedDB, both storages and the caches. */
export async function storageOf(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open('civic-wallet')
      request.onsuccess = () => resolve(request.result)
      request.onerror = () => reject(new Error('no database'))
    })
    const values = await new Promise<unknown>((resolve) => {
      const all = database.transaction('vault').objectStore('vault').getAll()
      all.onsuccess = () => resolve(all.result)
    })
    database.close()
    const texts = JSON.stringify(values, (_key, value: unknown) =>
      value instanceof Uint8Array ? Array.from(value, (byte) => String.fromCharCode(byte)).join('') : value,
    )
    const cached: string[] = []
    for (const name of await caches.keys()) {
      const cache = await caches.open(name)
      for (const request of await cache.keys()) {
        cached.push(request.url, (await (await cache.match(request))?.text()) ?? '')
      }
    }
    const stored = [Object.entries(localStorage), Object.entries(sessionStorage)]
    return [texts, JSON.stringify(stored), document.cookie, ...cached].join('\n')
  })
}
