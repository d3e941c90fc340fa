import assert from 'node:assert/strict'
import { join } from 'node:path'
import { Consumer } from './support/consumer.ts'
import { root } from './support/packed.ts'
import { installRuntimes } from './support/runtimes.ts'

const EMAIL = 'zoe@example.org'
const SESSION = { login: 200, email: EMAIL, session: EMAIL, replay: 401, stranger: 403 }

describe('Express and Fastify', function () {
  this.timeout(300_000)
  let consumer: Consumer

  before(async () => {
    consumer = await Consumer.create([
      'express-4@npm:express@4',
      'express-5@npm:express@5',
      'passport-0.6@npm:passport@0.6',
      'passport-0.7@npm:passport@0.7',
      'express-session@1',
      'fastify@5',
      '@fastify/passport@4',
      '@fastify/cookie@11',
      '@fastify/session@11',
    ])
    consumer.copy('test/packages/fixtures', '.')
  })

  for (const express of ['express-4', 'express-5']) {
    for (const passport of ['passport-0.6', 'passport-0.7']) {
      it(`${express} with ${passport}`, async () => {
        assert.deepEqual(await consumer.node(['express.mjs', express, passport]), SESSION)
      })
    }
  }

  it('Fastify with @fastify/passport', async () => {
    assert.deepEqual(await consumer.node(['fastify.mjs']), SESSION)
  })
})

describe('NestJS', function () {
  this.timeout(300_000)
  const typescript = join(root, 'node_modules/typescript/bin/tsc')

  for (const [version, type] of [
    [11, 'commonjs'],
    [12, 'module'],
  ] as const) {
    it(`${version}, compiled to ${type === 'module' ? 'an ES module' : 'CommonJS'}`, async () => {
      const nest = ['core', 'common', 'platform-express'].map((part) => `@nestjs/${part}@${version}`)
      const consumer = await Consumer.create(
        [
          ...nest,
          `@nestjs/passport@${version}`,
          'passport@0.7',
          'reflect-metadata@0.2',
          'rxjs@7',
          '@types/node@20',
        ],
        { type },
      )
      consumer.copy('test/packages/fixtures/nest/app.ts', 'app.ts')
      consumer.copy('test/packages/fixtures/logins.mjs', 'logins.mjs')
      consumer.copy('test/packages/fixtures/logins.d.mts', 'logins.d.mts')
      const decorators = ['--experimentalDecorators', '--emitDecoratorMetadata']
      // Nest's own declarations ask for types that an app without them has not installed
      const options = [
        '--strict',
        '--skipLibCheck',
        '--target',
        'es2022',
        '--module',
        'nodenext',
        '--types',
        'node',
      ]
      await consumer.tsc(typescript, [...options, ...decorators, 'app.ts'])
      // Nest 12 needs Node 22
      const node = await installRuntimes()
      // Its guard answers 401 to every failure, its POST 201; there is no /me, for it keeps no session
      assert.deepEqual(await consumer.node(['app.js'], node(22)), {
        login: 201,
        email: EMAIL,
        session: 404,
        replay: 401,
        stranger: 401,
      })
    })
  }
})
