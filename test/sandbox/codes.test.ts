import assert from 'node:assert/strict'
import { MemoryStores } from 'civic-sip-server'
import { Codes } from '../../sip/lib/attester/codes.ts'

const MINUTES = 60_000
const ADDRESS = 'finn@example.org'

describe('sandbox: codes for an email address', () => {
  let time: number
  let codes: Codes
  beforeEach(() => {
    time = Date.UTC(2026, 0, 1)
    const { codes: store } = new MemoryStores({ clock: () => time })
    codes = new Codes({ store, clock: () => time, secret: 'secret' })
  })
  const make = async (publicKey: string, address: string): Promise<string> =>
    (await codes.make({ publicKey, address })).code
  const redeem = (publicKey: string, address: string, guess: unknown): Promise<boolean> =>
    codes.redeem({ publicKey, address }, guess)
  const wrong = (code: string): string => (code === '000000' ? '000001' : '000000')
  const limited = { status: 429, headers: { 'Retry-After': '600' } }

  it('are six digits, valid once, for this address and key', async () => {
    const code = await make('key', ADDRESS)
    assert.match(code, /^\d{6}$/)
    assert.equal(await redeem('other', ADDRESS, code), false)
    assert.equal(await redeem('key', 'gwen@example.org', code), false)
    assert.equal(await redeem('key', ADDRESS, code), true)
    assert.equal(await redeem('key', ADDRESS, code), false)
  })

  it('are strings: anything else is a wrong guess', async () => {
    const code = await make('key', ADDRESS)
    for (const guess of [undefined, Number(code), [code], `${code}0`]) {
      assert.equal(await redeem('key', ADDRESS, guess), false)
    }
    assert.equal(await redeem('key', ADDRESS, code), true)
  })

  it('are given up after five wrong guesses', async () => {
    const code = await make('key', ADDRESS)
    for (let i = 0; i < 5; i += 1) assert.equal(await redeem('key', ADDRESS, wrong(code)), false)
    assert.equal(await redeem('key', ADDRESS, code), false)
  })

  it('are valid for ten minutes', async () => {
    const code = await make('key', ADDRESS)
    time += 10 * MINUTES
    assert.equal(await redeem('key', ADDRESS, code), false)
  })

  it('are one for each address and key: a new one replaces the last', async () => {
    const [first, second] = [await make('key', ADDRESS), await make('key', ADDRESS)]
    assert.equal(await redeem('key', ADDRESS, first), first === second)
    assert.equal(await redeem('key', ADDRESS, second), first !== second)
  })

  it('stay valid when another key requests one, and when it guesses', async () => {
    const code = await make('key', ADDRESS)
    const other = await make('other', ADDRESS)
    for (let i = 0; i < 5; i += 1) await redeem('other', ADDRESS, wrong(other))
    assert.equal(await redeem('key', ADDRESS, code), true)
  })

  it('are limited for an address and a key together: 5 in ten minutes', async () => {
    for (let i = 0; i < 5; i += 1) await make('key', ADDRESS)
    await assert.rejects(make('key', ADDRESS), limited)
    await make('other', ADDRESS)
    await make('key', 'gwen@example.org')
    time += 10 * MINUTES
    await make('key', ADDRESS)
  })

  it('are limited for a key: 10 in ten minutes, whatever the address', async () => {
    for (let i = 0; i < 10; i += 1) await make('key', `${i}@example.org`)
    await assert.rejects(make('key', ADDRESS), limited)
    await make('other', ADDRESS)
  })

  it('are limited for an address: 20 in ten minutes, whatever the key', async () => {
    for (let i = 0; i < 20; i += 1) await make(`key ${i}`, ADDRESS)
    await assert.rejects(make('key', ADDRESS), limited)
    await make('key', 'gwen@example.org')
  })

  it('allow a hundred guesses for an address in ten minutes, however many keys there are', async () => {
    let guesses = 0
    for (let i = 0; i < 1000; i += 1) {
      try {
        const code = await make(`key ${i}`, ADDRESS)
        for (let j = 0; j < 5; j += 1) await redeem(`key ${i}`, ADDRESS, wrong(code))
        guesses += 5
      } catch {
        // Limited
      }
    }
    assert.equal(guesses, 100)
  })

  it('are refused while the table is full, and never forget a count', async () => {
    await make('key', ADDRESS)
    let made = 1
    await assert.rejects(async () => {
      for (; made < 10_000; made += 1) await make(`key ${made}`, `${made}@example.org`)
    }, limited)
    assert.ok(made > 1000)
    time += 10 * MINUTES
    await make('key', ADDRESS)
  })
})
