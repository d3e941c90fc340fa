import assert from 'node:assert/strict'
import { canonicalJson, requestExtension } from '../../lib/crypto.ts'
import { hasDuplicates, parseJsonObject } from '../../lib/json.ts'
import { FakeSip } from '../support/sip.ts'
import { outcomeOf, post, strategyFor } from '../support/drive.ts'
import { signBytes } from './support/tokens.ts'

const AREA = 'Tokens: structure, encoding and JSON'
/** Far more levels than the stack has room for. */
const DEPTH = 100_000

/** JSON texts that nest, in their canonical form. */
const DEEP = {
  arrays: '['.repeat(DEPTH) + ']'.repeat(DEPTH),
  objects: '{"a":'.repeat(DEPTH) + '1' + '}'.repeat(DEPTH),
  both: '[{"a":'.repeat(DEPTH) + 'null' + '}]'.repeat(DEPTH),
}

describe('JSON that nests deeper than the stack', () => {
  for (const [name, text] of Object.entries(DEEP)) {
    it(`has a canonical form: ${name}`, () => {
      // Not assert.equal, whose message would hold megabytes
      assert.ok(canonicalJson(JSON.parse(text)) === text)
      assert.match(requestExtension(JSON.parse(text), 'ab'), /^[\w+/]{43}=$/)
    })

    it(`is searched for duplicates: ${name}`, () => {
      const seen = (json: string): boolean => hasDuplicates(parseJsonObject(json) ?? assert.fail())
      assert.equal(seen(`{"deep":${text}}`), false)
      assert.equal(seen(`{"deep":${text},"deep":${text}}`), true)
    })
  }

  it('refuses or passes a token like any other', async () => {
    const sip = await new FakeSip().start()
    try {
      const strategy = strategyFor(sip, { maxTokenLength: 2 ** 24 })
      const genuine = JSON.stringify(sip.claims())
      const token = (text: string): string => signBytes(text, sip.keys.privateKey)
      const more = token(genuine.replace(/}$/, `,"more":${DEEP.arrays}}`))
      assert.equal((await outcomeOf(AREA, 'accepted', strategy, post({ authToken: more }))).kind, 'success')
      const instead = token(genuine.replace(/"data":{[^}]*}/, `"data":${DEEP.objects}`))
      const refused = await outcomeOf(AREA, 'refused', strategy, post({ authToken: instead }))
      assert.equal(refused.code, 'CIVIC_TOKEN_INVALID')
    } finally {
      await sip.stop()
    }
  })
})
