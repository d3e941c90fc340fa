import assert from 'node:assert/strict'
import { DirectCore } from '../../lib/direct/core.ts'
import { MemoryDirectStore } from '../../lib/direct/index.ts'
import { readDirectOptions } from '../../lib/direct/options.ts'
import { at } from '../support/clock.ts'
import { claimsOf, Person, seal } from '../support/person.ts'
import { OPTIONS } from '../support/shop.ts'

const BROWSER = 'x'.repeat(43)
function from(ip: string): { method: string; headers: Record<string, string>; ip: string } {
  return { method: 'POST', headers: {}, ip }
}

describe('a flood', () => {
  it('of starts is limited to maxOpen, and leaves nothing after the timeout', async () => {
    const store = new MemoryDirectStore()
    const core = new DirectCore(readDirectOptions({ ...OPTIONS, store, maxOpen: 50, timeout: 1000 }))
    const start = (n: number) => core.start(from(`192.0.2.${n % 256}`), 'scan', undefined, BROWSER)
    const refused = async (n: number): Promise<boolean> =>
      start(n).then(
        () => false,
        (error: unknown) => (error as { status?: number }).status === 429,
      )
    const flood = await Promise.all(Array.from({ length: 500 }, (_, n) => refused(n)))
    assert.equal(flood.filter((isRefused) => !isRefused).length, 50)
    assert.equal(store.size, 50)
    await at(1001, async () => assert.equal(await refused(0), false))
  })

  it('of responses adds at most ten marks to a request', async () => {
    const store = new MemoryDirectStore()
    const core = new DirectCore(readDirectOptions({ ...OPTIONS, store }))
    const { uuid } = await core.start(from('192.0.2.1'), 'scan', 'ANONYMOUS_LOGIN', BROWSER)
    const { token } = await core.readRequest(uuid)
    assert.equal(claimsOf(token).jti, uuid)
    const before = store.size
    const bad = Array.from({ length: 40 }, () => seal({ status: 'neither' }, token))
    await Promise.allSettled(bad.map((jwe) => core.answer(uuid, jwe, from('192.0.2.2'))))
    // The ten, and that it is over
    assert.equal(store.size, before + 11)
    await assert.rejects(
      core.answer(uuid, seal(new Person('ada').answer(token), token), from('192.0.2.2')),
      (error: { status?: number }) => error.status === 410,
    )
  })
})
