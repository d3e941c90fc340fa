import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { examplesOf } from '../support/examples.ts'
import { Consumer } from './support/consumer.ts'
import { root } from './support/packed.ts'
import { run } from './support/run.ts'

const PAGE = 'docs/testing.md'
const FILES = ['app.js', 'login.test.js', 'jest.config.json', 'jest.esm.config.json']

describe(`the test of ${PAGE}, unchanged`, function () {
  this.timeout(300_000)
  let consumer: Consumer

  before(async () => {
    consumer = await Consumer.create([
      ...['express@5', 'passport@0.7', 'supertest@7'],
      ...['jest@30', '@swc/jest@0.2', '@swc/core@1', 'vitest@4'],
    ])
    const { examples } = examplesOf(PAGE)
    for (const { name, text } of examples) if (FILES.includes(name)) consumer.write(name, text)
  })

  const jest = ['node_modules/jest/bin/jest.js', '--ci']

  for (const type of ['commonjs', 'module'] as const) {
    it(`runs on Jest by jest.config.json, in a ${type} project`, async () => {
      consumer.write('package.json', JSON.stringify({ type }))
      await run(process.execPath, jest, consumer.folder)
    })
  }

  it('runs on Jest over ES modules, by the command that the document shows', async () => {
    const [command] = /^NODE_OPTIONS=\S+ npx jest.*$/m.exec(readFileSync(join(root, PAGE), 'utf8'))!
    consumer.write('package.json', '{ "type": "module" }')
    await run('sh', ['-c', command], consumer.folder)
  })

  it('does not run on Jest by its defaults, as the document says', async () => {
    consumer.write('package.json', '{ "type": "commonjs" }')
    await assert.rejects(
      run(process.execPath, [...jest, '--config', '{}'], consumer.folder),
      /Cannot use import statement outside a module/,
    )
  })

  it('runs on Vitest, by the command that the document shows', async () => {
    const [, ...args] = /npx (vitest run .*?)`/.exec(readFileSync(join(root, PAGE), 'utf8'))![1]!.split(' ')
    await run(process.execPath, ['node_modules/vitest/vitest.mjs', ...args], consumer.folder)
  })
})
