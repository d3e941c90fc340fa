import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Seen } from './support/secrets-process.ts'

describe('no secret of the Direct option is visible', function () {
  this.timeout(60_000)
  let seen: Seen
  let debug: string
  before(async () => {
    const program = fileURLToPath(new URL('support/secrets-process.ts', import.meta.url))
    const env = { ...process.env, NODE_DEBUG: 'passport-civic-sip' }
    const options = { env, maxBuffer: 2 ** 28 }
    const done = await promisify(execFile)(process.execPath, ['--import=tsx/esm', program], options)
    seen = JSON.parse(done.stdout) as Seen
    debug = done.stderr
  })

  const find = (text: string): string[] =>
    Object.entries(seen.secrets).flatMap(([name, secret]) => (text.includes(secret) ? [name] : []))

  it('in an object, an error or a response, whatever fails', () => {
    assert.ok(Object.keys(seen.texts).length > 20)
    for (const [where, text] of Object.entries(seen.texts)) assert.deepEqual(find(text), [], where)
  })

  it('in what NODE_DEBUG prints', () => {
    assert.match(debug, /CIVIC_CONFIRM_WRONG/)
    assert.match(debug, /CIVIC_STORE_UNAVAILABLE/)
    assert.deepEqual(find(debug), [])
  })

  it('although the program contained each of them', () => {
    for (const [name, secret] of Object.entries(seen.secrets)) {
      assert.ok(secret.length >= 6, name)
      assert.deepEqual(find(`x${secret}x`).includes(name), true)
    }
  })
})
