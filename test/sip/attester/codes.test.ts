import assert from 'node:assert/strict'
import { LETTERS } from '../../../sip/lib/attester/code-rules.ts'
import { codeMessage } from '../../../sip/lib/attester/code-message.ts'
import { Codes } from '../../../sip/lib/attester/codes.ts'
import type { CodeOwner } from '../../../sip/lib/attester/codes.ts'
import { sourceOf } from '../../../sip/lib/http/source.ts'
import { MemoryCodes } from '../../../sip/lib/store/memory-codes.ts'

const HOUR = 60 * 60_000
const FINN = 'finn@example.org'

describe('sip: codes for real people', () => {
  let time: number
  let store: MemoryCodes
  let codes: Codes
  /** What the store was told. */
  let kept: unknown[]
  beforeEach(() => {
    time = Date.UTC(2026, 0, 1)
    kept = []
    store = new MemoryCodes(() => time)
    const recording = new Proxy(store, {
      get:
        (target, name: 'put') =>
        (...values: unknown[]) => {
          kept.push(values)
          return (target[name] as (...values: unknown[]) => unknown).apply(target, values)
        },
    })
    codes = new Codes({ store: recording, clock: () => time, secret: 'secret', rules: LETTERS })
  })
  const owner = (fields: Partial<CodeOwner> = {}): CodeOwner => ({
    address: FINN,
    publicKey: 'key',
    ...fields,
  })
  const limited = (seconds: number) => ({ status: 429, headers: { 'Retry-After': String(seconds) } })

  it('are eight letters and digits that do not look alike', async () => {
    const { code, until } = await codes.make(owner())
    assert.match(code, /^[2-9BCDFGHJKMNPQRSTVWXYZ]{8}$/)
    assert.equal(until, time + 10 * 60_000)
  })

  it('are accepted as people type them, once', async () => {
    const { code } = await codes.make(owner())
    const typed = ` ${code.slice(0, 4).toLowerCase()}-${code.slice(4)} `
    assert.equal(await codes.redeem(owner(), typed), true)
    assert.equal(await codes.redeem(owner(), typed), false)
  })

  it('leave no code, address or key in the store', async () => {
    const { code } = await codes.make(owner({ source: '203.0.113.7' }))
    await codes.redeem(owner({ source: '203.0.113.7' }), code)
    const text = JSON.stringify(kept)
    for (const secret of [code, FINN, '"key"', '203.0.113.7']) assert.ok(!text.includes(secret), secret)
  })

  it('are of no use to a server with another secret', async () => {
    const { code } = await codes.make(owner())
    const other = new Codes({ store, clock: () => time, secret: 'other', rules: LETTERS })
    assert.equal(await other.redeem(owner(), code), false)
  })

  it('are limited for an address however it is written, for a key, and for an IP address', async () => {
    for (let i = 0; i < 10; i += 1) {
      const address = i % 2 === 0 ? FINN : FINN.toUpperCase()
      await codes.make(owner({ publicKey: `key ${i}`, address }))
    }
    await assert.rejects(codes.make(owner()), limited(600))
    for (let i = 0; i < 10; i += 1) await codes.make(owner({ address: `${i}@example.org` }))
    await assert.rejects(codes.make(owner({ address: 'gwen@example.org' })), limited(600))
    const from = (i: number) => owner({ publicKey: `p${i}`, address: `p${i}@example.org`, source: 'ip' })
    for (let i = 0; i < 30; i += 1) await codes.make(from(i))
    await assert.rejects(codes.make(from(30)), limited(600))
  })

  it('lock out a key that guesses too often, even with the right code, and nobody else', async () => {
    for (let i = 0; i < 10; i += 1) assert.equal(await codes.redeem(owner(), 'WRONG222'), false)
    const { code } = await codes.make(owner())
    await assert.rejects(codes.redeem(owner(), code), limited(3600))
    const other = owner({ publicKey: 'other' })
    assert.equal(await codes.redeem(other, (await codes.make(other)).code), true)
    time += HOUR
    const { code: next } = await codes.make(owner())
    assert.equal(await codes.redeem(owner(), next), true)
  })

  it('lock out a key or an IP address that guesses the codes of many', async () => {
    const tryOne = (i: number, fields: Partial<CodeOwner>) =>
      codes.redeem(owner({ address: `${i}@example.org`, ...fields }), 'WRONG222')
    for (let i = 0; i < 30; i += 1) await tryOne(i, {})
    await assert.rejects(tryOne(30, {}), limited(3600))
    for (let i = 0; i < 60; i += 1) await tryOne(i, { publicKey: `p${i}`, source: 'ip' })
    await assert.rejects(tryOne(60, { publicKey: 'p60', source: 'ip' }), limited(3600))
  })

  it('are sent in text and in HTML, with the host as text only', () => {
    const { text, html } = codeMessage('ABCD2345', 'wallet.example.org')
    assert.match(
      text,
      /^Your code is ABCD2345\. Type it only at wallet\.example\.org\. It works for ten minutes\./,
    )
    assert.ok(html?.includes('ABCD2345') && html.includes('Type it only at wallet.example.org.'))
    assert.ok(!codeMessage('A', '<b>"&').html?.includes('<b>"'))
  })

  it('count the IPv6 network of a household as one source', () => {
    const sources = [
      '2001:db8:1:2ff::1',
      '2001:db8:1:200:9::',
      '2001:db8:1:300::1',
      '::ffff:203.0.113.7',
      'fe80::1%eth0',
    ]
    assert.deepEqual(
      sources.map((ip) => sourceOf({ ip })),
      ['20010db8000102/56', '20010db8000102/56', '20010db8000103/56', '203.0.113.7', 'fe800000000000/56'],
    )
    assert.equal(sourceOf({ ip: undefined }), undefined)
  })
})
