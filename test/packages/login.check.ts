import assert from 'node:assert/strict'
import { Consumer } from './support/consumer.ts'
import { installRuntimes, nodeLines } from './support/runtimes.ts'
import type { NodeLine } from './support/runtimes.ts'

describe('a login from the packages', function () {
  let consumer: Consumer
  let node: (line: NodeLine) => string

  before(async function () {
    this.timeout(300_000)
    consumer = await Consumer.create(['passport@0.7'])
    consumer.copy('test/packages/fixtures/login.mjs', 'login.mjs')
    consumer.copy('test/packages/fixtures/login.cjs', 'login.cjs')
    node = await installRuntimes()
  })

  for (const line of nodeLines) {
    for (const [script, keyword] of [
      ['login.mjs', 'import'],
      ['login.cjs', 'require'],
    ] as const) {
      it(`with ${keyword}, on Node ${line}`, async () => {
        assert.deepEqual(await consumer.node([script], node(line)), {
          outcomes: [{ email: 'zoe@example.org' }, 'CIVIC_TOKEN_REPLAYED'],
          entries: ['function', 'function'],
        })
      })
    }
  }
})
