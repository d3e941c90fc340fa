import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Seen } from './support/secrets-process.ts'
import { count } from '../support/tally.ts'

describe('no secret is visible', function () {
  this.timeout(120_000)
  let seen: Seen
  let debug: string

  before(async () => {
    const program = fileURLToPath(new URL('support/secrets-process.ts', import.meta.url))
    const env = { ...process.env, NODE_DEBUG: 'passport-civic-sip' }
    const options = { env, maxBuffer: 2 ** 30 }
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      ['--import=tsx/esm', program],
      options,
    )
    seen = JSON.parse(stdout) as Seen
    debug = stderr
  })

  const find = (text: string): string[] =>
    Object.entries(seen.secrets).flatMap(([name, spellings]) =>
      spellings.some((spelling) => spelling !== '' && text.includes(spelling)) ? [name] : [],
    )

  it('in an error, an instance, a verified code, the channel or a request, whatever fails', () => {
    assert.ok(seen.failures > 50)
    for (const [where, text] of Object.entries(seen.texts)) {
      const found = find(text)
      count('Secrets: texts searched', 'refused', found.length > 0 ? 'accepted' : 'refused')
      assert.deepEqual(found, [], where)
    }
  })

  it('in what NODE_DEBUG prints', () => {
    assert.match(debug, /PASSPORT-CIVIC-SIP \d+: exchange/)
    assert.match(debug, /CIVIC_BAD_ANSWER/)
    assert.deepEqual(find(debug), [])
  })

  it('although the program contained each of them', () => {
    for (const [name, spellings] of Object.entries(seen.secrets)) assert.ok(spellings.length > 0, name)
    assert.ok(seen.texts['channel']?.includes('CIVIC_UNAVAILABLE'))
    for (const name of ['login', 'failure', 'refusal'])
      assert.ok(seen.texts[`a request, /${name}`]?.includes('CivicStrategy'), name)
    // A search that finds what was planted
    for (const spellings of Object.values(seen.secrets)) assert.notDeepEqual(find(`x${spellings[0]}x`), [])
  })

  it('in the TypeError of a wrong option', () => {
    const errors = Object.entries(seen.texts).filter(([where]) => where.startsWith('wrong option'))
    assert.equal(errors.length, 8)
    for (const [where, text] of errors)
      assert.match(text, /TypeError: (appSecret|prvKey|sipPublicKey|timeout)/, where)
  })
})
