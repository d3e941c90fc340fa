import assert from 'node:assert/strict'
import * as v from 'valibot'
import { fields, InputError, listOf, options, parsedBy, read } from 'civic-sip-server/http'

describe('sip: reading what comes from outside', () => {
  const text = v.string('a text')
  const Shop = options({
    name: text,
    sites: v.exactOptional(listOf(text, 'an array of texts')),
    owner: v.exactOptional(options({ email: text })),
    port: v.exactOptional(parsedBy(portOf)),
  })

  it('gives what the schema makes of it', () => {
    assert.deepEqual(read(Shop, { name: 'Shop', sites: ['a'] }), { name: 'Shop', sites: ['a'] })
    assert.deepEqual(read(fields({ name: text }), { name: 'Shop', more: 1 }), { name: 'Shop' })
  })

  function portOf(port: unknown): number {
    if (typeof port !== 'number') throw new InputError('port: a number, please')
    return port
  }

  const wrong: [unknown, string][] = [
    [{}, 'name: a text'],
    [{ name: 5 }, 'name: a text'],
    [{ name: 'x', sites: 'a' }, 'sites: an array of texts'],
    [{ name: 'x', sites: ['a', 1] }, 'sites.1: a text'],
    [{ name: 'x', owner: {} }, 'owner.email: a text'],
    [{ name: 'x', owner: 1 }, 'owner: an object is expected'],
    [{ name: 'x', nane: 'y' }, 'nane is not an option. Did you mean name?'],
    [{ name: 'x', owner: { email: 'x', mail: 'x' } }, 'mail is not an option. Did you mean email?'],
    [{ nane: 'y' }, 'nane is not an option. Did you mean name?'],
    [{ name: 'x', port: 'y' }, 'port: a number, please'],
    [[], 'name: a text'],
    [null, 'an object is expected'],
  ]
  for (const [input, message] of wrong) {
    it(`says of ${JSON.stringify(input)}: ${message}`, () => {
      assert.throws(
        () => read(Shop, input),
        (error: unknown) => error instanceof InputError && error.message === message,
      )
    })
  }
})
