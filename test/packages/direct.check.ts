import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { examplesOf } from '../support/examples.ts'
import { Consumer } from './support/consumer.ts'
import { packages, root } from './support/packed.ts'
import { run } from './support/run.ts'

describe('the Direct option, as docs/direct.md adds it', function () {
  this.timeout(300_000)
  const page = readFileSync(join(root, 'docs/direct.md'), 'utf8')
  const { text } = examplesOf('docs/direct.md').examples.find(({ name }) => name === 'app.js')!

  it('is ten lines', () => {
    const [, added] = /^These lines add the option.*?```js\n(.*?)```/ms.exec(page)!
    assert.equal(added!.trimEnd().split('\n').length, 10)
  })

  it('logs a wallet in: an empty folder, its commands, its code', async () => {
    const [, named] = /^npm install (.*)$/m.exec(page)!
    const others = named!.split(' ').filter((name) => !Object.hasOwn(packages, name))
    const consumer = await Consumer.create(others)
    // What readers do not see of it logs a `Wallet` in, checks its userId and ends the process
    consumer.write('app.js', text)
    assert.equal(await run(process.execPath, ['app.js'], consumer.folder), '')
  })
})
