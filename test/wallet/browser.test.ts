import assert from 'node:assert/strict'
import { readFile, readdir } from 'node:fs/promises'
import { build } from 'esbuild'

const LIB = new URL('../../wallet/lib/', import.meta.url)

describe('a wallet in a browser', () => {
  it('imports nothing of Node', async () => {
    const files = (await readdir(LIB)).filter((file) => file.endsWith('.ts') && file !== 'connect-node.ts')
    assert.ok(files.includes('wallet.ts'))
    for (const file of files) {
      const text = await readFile(new URL(file, LIB), 'utf8')
      const imports = [...text.matchAll(/^(?:import|export) (?!type).*? from '(.*?)'/gms)].map(
        ([, from]) => from!,
      )
      for (const from of imports) {
        assert.match(
          from,
          /^(?:\.\/|#connect$|@noble\/|@scure\/|civic-attestations$|passport-civic-sip\/user-data$)/,
          file,
        )
      }
    }
  })

  it('is bundled without a part of Node', async () => {
    const { metafile, errors } = await build({
      stdin: { contents: "export * from 'civic-wallet'", resolveDir: import.meta.dirname },
      bundle: true,
      platform: 'browser',
      format: 'esm',
      write: false,
      metafile: true,
      logLevel: 'silent',
    })
    assert.deepEqual(errors, [])
    const inputs = Object.keys(metafile.inputs)
    assert.ok(inputs.some((file) => file.endsWith('connect-web.js')))
    assert.ok(!inputs.some((file) => file.endsWith('connect-node.js')))
  })
})
