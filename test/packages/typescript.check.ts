import assert from 'node:assert/strict'
import { Consumer } from './support/consumer.ts'

describe('a login from TypeScript', function () {
  this.timeout(300_000)
  let consumer: Consumer

  before(async () => {
    // nothing of @types but Node's: the packages' declarations need no other
    consumer = await Consumer.create([
      'typescript-5.4@npm:typescript@5.4',
      'typescript-6@npm:typescript@6',
      'typescript-7@npm:typescript@7',
      '@types/node@20',
    ])
    consumer.copy('test/types/login.ts', 'login.ts')
    consumer.copy('test/types/refused.ts', 'refused.ts')
  })

  for (const version of ['5.4', '6', '7']) {
    for (const [resolution, module] of [
      ['nodenext', 'nodenext'],
      ['bundler', 'esnext'],
    ] as const) {
      it(`${version}, strict, skipLibCheck false, ${resolution}`, async () => {
        const outDir = `out-${version}-${resolution}`
        await consumer.tsc(`node_modules/typescript-${version}/bin/tsc`, [
          ...['--strict', '--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess'],
          ...['--skipLibCheck', 'false', '--types', 'node', '--target', 'es2022'],
          ...['--module', module, '--moduleResolution', resolution, '--outDir', outDir],
          ...['login.ts', 'refused.ts'],
        ])
        assert.deepEqual(await consumer.node([`${outDir}/login.js`]), {
          user: 'zoe@example.org',
          email: 'alice.archer@example.org',
          code: 'CIVIC_UNAVAILABLE',
          reason: 'MALFORMED',
          parts: 3,
          digits: 130,
          labels: ['contact.personal.email', 'contact.personal.phoneNumber'],
          first: true,
        })
      })
    }
  }
})
