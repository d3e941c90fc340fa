import assert from 'node:assert/strict'
import { calculateJwkThumbprint } from 'jose'
import type { WellKnown } from '../../lib/direct/index.ts'
import { newKey, Shop } from '../support/shop.ts'

const PATH = '/.well-known/civic-sip'

describe('the well-known document', () => {
  it('names the site, the callback and the keys that sign requests', async () => {
    const keys = [newKey(), newKey()] as const
    const shop = await Shop.start({ prvKey: keys, primaryColor: '112233', secondaryColor: '445566' })
    try {
      const { status, headers, json, text } = await shop.send('GET', PATH)
      const { keys: shown, ...document } = json as unknown as WellKnown
      assert.equal(status, 200)
      assert.equal(headers['access-control-allow-origin'], '*')
      assert.equal(headers['cache-control'], 'public, max-age=300')
      assert.ok(text.length < 16 * 1024)
      assert.deepEqual(document, {
        version: 1,
        role: 'site',
        clientId: shop.origin,
        name: 'Shop',
        primaryColor: '112233',
        secondaryColor: '445566',
        callback: `${shop.origin}/civic/`,
      })
      assert.equal(shown.length, 2)
      for (const [index, { kid, ...key }] of shown.entries()) {
        const { x, y } = keys[index]!.export({ format: 'jwk' })
        assert.deepEqual(key, { kty: 'EC', crv: 'P-256', x, y, use: 'sig', alg: 'ES256' })
        assert.equal(kid, await calculateJwkThumbprint({ ...key }))
      }
    } finally {
      await shop.stop()
    }
  })

  it('shows at most four keys, read at each use', async () => {
    let keys = [newKey()]
    const shop = await Shop.start({ prvKey: () => keys })
    try {
      const count = async (): Promise<number> =>
        ((await shop.send('GET', PATH)).json as unknown as WellKnown).keys.length
      assert.equal(await count(), 1)
      keys = Array.from({ length: 5 }, newKey)
      assert.equal(await count(), 4)
    } finally {
      await shop.stop()
    }
  })

  it('is left to the host if the option says so', async () => {
    const shop = await Shop.start({ wellKnown: false })
    try {
      assert.equal((await shop.send('GET', PATH)).text, 'next')
    } finally {
      await shop.stop()
    }
  })

  it('responds to HEAD and preflights, and no other method', async () => {
    const shop = await Shop.start()
    try {
      const head = await shop.send('HEAD', PATH)
      assert.deepEqual([head.status, head.text], [200, ''])
      assert.equal((await shop.send('OPTIONS', PATH)).headers['access-control-allow-methods'], 'GET')
      assert.equal((await shop.send('POST', PATH, { body: {} })).status, 405)
    } finally {
      await shop.stop()
    }
  })
})

describe('a request for anything else', () => {
  it('goes to the next handler', async () => {
    const shop = await Shop.start()
    const uuid = '00000000-0000-4000-8000-000000000000'
    try {
      for (const path of [
        '/',
        '/civic',
        '/civic/',
        '/civicx/start',
        '/civic/start/more',
        '/civic/profile',
        `/civic/${uuid}/other`,
        `/civic/${uuid}/callback/more`,
        `/civic/${uuid.toUpperCase().replaceAll('0', 'A')}/callback`,
        '/civic/js/../secret.js',
        '/civic/js/civic.sip.min.exe',
        '/civic/other/civic.js',
      ]) {
        assert.equal((await shop.send('GET', path)).text, 'next', path)
      }
      // As long as the mount
      assert.equal((await shop.send('GET', '/other/js/civic.sip.min.js')).text, 'next')
      for (const path of ['/other/start', '/civic/js/civic.sip.min.js']) {
        assert.equal((await shop.send('POST', path, { body: {} })).text, 'next', path)
      }
    } finally {
      await shop.stop()
    }
  })
})
