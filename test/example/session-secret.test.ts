import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import request from 'supertest'
import { keptSessionSecret } from '../../example/src/embedded/session-secret.ts'
import { sessionCookie, startSite } from './site.ts'

describe('example: the secret that signs sessions', () => {
  it('is made once, and kept in the data folder for this user alone', async () => {
    const parent = await mkdtemp(join(tmpdir(), 'example-'))
    const folder = join(parent, 'data')
    try {
      const secret = await keptSessionSecret(folder)
      assert.match(secret, /^[0-9a-f]{64}$/)
      assert.equal(await keptSessionSecret(folder), secret)
      assert.deepEqual(await readdir(folder), ['session-secret'])
      assert.equal((await stat(join(folder, 'session-secret'))).mode & 0o777, 0o600)
    } finally {
      await rm(parent, { recursive: true })
    }
  })

  it('can be replaced: sessions that the previous one signed go on, and those of no other', async () => {
    const [current, previous, foreign] = ['c'.repeat(32), 'p'.repeat(32), 'f'.repeat(32)]
    const site = await startSite({ sessionSecrets: [current, previous] })
    try {
      const cookie = sessionCookie(await site.enter(site.browser()))
      const signed = decodeURIComponent(cookie.slice('sid='.length))
      const id = signed.slice('s:'.length, signed.indexOf('.'))
      const status = async (secret: string) => {
        const page = request(site.app).get('/account').accept('json')
        return (await page.set('Cookie', `sid=${encodeURIComponent(sign(id, secret))}`)).status
      }
      assert.equal(sign(id, current), signed)
      assert.equal(await status(previous), 200)
      assert.equal(await status(foreign), 401)
    } finally {
      await site.close()
    }
  })
})

/** As express-session signs a session's id. */
function sign(id: string, secret: string): string {
  const signature = createHmac('sha256', secret).update(id).digest('base64').replace(/=+$/, '')
  return `s:${id}.${signature}`
}
