import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFile, readdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

const DIST = fileURLToPath(new URL('../../wallet/dist/', import.meta.url))

describe('the hashes of the wallet’s page', () => {
  it('are those of all its files, as sha256sum reads them', async () => {
    const text = await readFile(`${DIST}SHA256SUMS`, 'utf8')
    const files = (await readdir(`${DIST}app`)).sort()
    const lines = await Promise.all(
      files.map(async (file) => {
        const content = await readFile(`${DIST}app/${file}`)
        return `${createHash('sha256').update(content).digest('hex')}  ${file}\n`
      }),
    )
    assert.equal(text, lines.join(''))
  })
})
