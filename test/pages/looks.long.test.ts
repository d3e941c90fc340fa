import type { Page } from 'playwright-core'
import { assertAccessible, useStage } from '../support/pages-stage.ts'

describe('axe-core finds nothing wrong, and nothing is wider than the window:', () => {
  const stage = useStage()

  before(async () => {
    await stage.sandbox.authCode({ scopeRequest: 'PROOF_OF_IDENTITY' })
    await stage.request('civicBasic')
  })

  const screens: Record<string, { path: () => string; until: string; then?: (page: Page) => Promise<void> }> =
    {
      'dashboard, apps': { path: () => '/', until: 'Latest requests' },
      'dashboard, app': {
        path: () => `/#app/${stage.sandbox.strategyOptions().appId}`,
        until: 'appSecret',
        then: (page) => page.getByRole('button', { name: 'Show secrets of keys' }).click(),
      },
      'dashboard, new app': { path: () => '/#new', until: 'Create app' },
      'dashboard, requests': { path: () => '/#requests', until: 'proofOfIdentity' },
      'dashboard, request': {
        path: () => '/#requests',
        until: 'What happened',
        then: (page) => page.locator('.log a').last().click(),
      },
      'sandbox, mailbox': { path: () => '/sandbox', until: 'No mail yet' },
      'sandbox, test user': { path: () => '/sandbox#person/alice', until: 'Postal code' },
      'sandbox, faults': { path: () => '/sandbox#faults', until: 'Exchanges work' },
      'sandbox, token': {
        path: () => '/sandbox#token',
        until: 'Post it',
        then: (page) => page.getByRole('button', { name: 'Get a token' }).click(),
      },
      'dashboard, attestations': { path: () => '/#attestations', until: 'Transaction' },
    }

  for (const [name, { path, until, then }] of Object.entries(screens)) {
    it(name, async () => {
      const page = await stage.visit(path(), { bypassCSP: true, reducedMotion: 'reduce' })
      await then?.(page)
      await page.getByText(until).first().waitFor()
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme })
        for (const width of [320, 768, 1280]) {
          await page.setViewportSize({ width, height: 800 })
          await assertAccessible(page)
        }
      }
    })
  }
})
