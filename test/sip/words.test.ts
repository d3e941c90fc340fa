import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

describe('sip: its words', () => {
  const sip = join(import.meta.dirname, '../../sip')

  it('never mention a sandbox, in the server and the dashboard', async () => {
    const texts = await Promise.all(
      ['lib', 'dashboard'].map(async (folder) => {
        const entries = await readdir(join(sip, folder), { recursive: true, withFileTypes: true })
        const files = entries
          .filter((entry) => entry.isFile())
          .map(({ parentPath, name }) => join(parentPath, name))
        return Promise.all(files.map(async (file) => ({ file, text: await readFile(file, 'utf8') })))
      }),
    )
    assert.ok(texts.flat().length > 60)
    const found = texts.flat().filter(({ text }) => /sandbox/i.test(text))
    assert.deepEqual(
      found.map(({ file }) => file),
      [],
    )
  })
})
