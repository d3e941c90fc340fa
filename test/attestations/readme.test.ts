import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFile, readdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, it } from 'mocha'

const PACKAGE = new URL('../../attestations/', import.meta.url)

/** Runs a program as a module in the package's folder, where its imports resolve as they do for its users. */
async function run(program: string): Promise<string> {
  const options = { cwd: fileURLToPath(PACKAGE), env: { ...process.env, NO_COLOR: '1' } }
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '--eval', program],
    options,
  )
  return stdout
}

describe('attestations: the package', () => {
  it('does what its README shows', async () => {
    const readme = await readFile(new URL('README.md', PACKAGE), 'utf8')
    const blocks = Array.from(readme.matchAll(/^```(\w*)\n(.*?)^```$/gms), ([, language, code]) => ({
      language,
      code,
    }))
    const [example, server, ...others] = blocks.filter(({ language }) => language === 'js')
    assert.equal(others.length, 0)
    const printed = blocks[blocks.indexOf(example!) + 1]!
    assert.equal(await run(example!.code!), printed.code)
    assert.equal(await run(server!.code!), 'blocks: 1\n')
  })

  it('imports nothing of Node, so that browsers can run it', async () => {
    const files = await readdir(new URL('lib/', PACKAGE))
    assert.ok(files.includes('index.ts'))
    for (const file of files) {
      const imports = (await readFile(new URL(`lib/${file}`, PACKAGE), 'utf8')).matchAll(
        /^[^*\n]* from '(.*?)'/gm,
      )
      for (const [, specifier] of imports) assert.match(specifier!, /^(?:\.\/|@noble\/|@scure\/)/, file)
    }
  })
})
