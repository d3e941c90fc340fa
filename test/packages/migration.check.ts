import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { examplesOf } from '../support/examples.ts'
import { Consumer } from './support/consumer.ts'
import { emptyFolder } from './support/packed.ts'

/** A constant in the old packages' source. */
const SIP_KEY = /049a45998638cfb3[0-9a-f]{114}/

describe('the same app before and after', function () {
  this.timeout(300_000)

  for (const old of ['passport-civic@1.0.6', 'civic-sip-api@1.2.1']) {
    it(`${old}: both give the same person the same user`, async () => {
      const name = old.split('@')[0]!
      const consumer = await Consumer.create([old, 'express@5', 'passport@0.7'], {
        // Sjcl comes from GitHub otherwise
        overrides: { sjcl: 'npm:sjcl@1.0.8' },
      })
      for (const example of examplesOf(`docs/migrating-from-${name}.md`).examples) {
        consumer.write(example.name, example.text)
      }

      // One sandbox's state, so that both meet the same app, keys and people
      const state = join(emptyFolder('state'), 'sandbox.json')
      const options = JSON.stringify({ state })
      const after = await consumer.node(['after.js', options])
      const { sipKeys } = JSON.parse(readFileSync(state, 'utf8')) as { sipKeys: { pubKey: string } }
      const source = createRequire(join(consumer.folder, 'x.js')).resolve('civic-sip-api')
      const text = readFileSync(source, 'utf8')
      assert.match(text, SIP_KEY)
      writeFileSync(source, text.replace(SIP_KEY, sipKeys.pubKey))
      assert.deepEqual(await consumer.node(['before.cjs', options]), after)
    })
  }
})
