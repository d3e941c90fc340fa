import assert from 'node:assert/strict'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import * as crypto from '../../lib/crypto.ts'

/** What esbuild keeps of the built package for one line that uses it, and of which of its files. */
async function bundle(contents: string): Promise<{ files: string[]; text: string }> {
  const resolveDir = fileURLToPath(new URL('.', import.meta.url))
  const result = await build({
    stdin: { contents, resolveDir },
    ...{ bundle: true, format: 'esm', write: false, metafile: true, logLevel: 'error' },
  })
  const inputs = Object.entries(Object.values(result.metafile.outputs)[0]!.inputs)
  const used = inputs.filter(([file, { bytesInOutput }]) => bytesInOutput > 0 && file !== '<stdin>')
  return { files: used.map(([file]) => basename(file)).sort(), text: result.outputFiles[0]!.text }
}

describe('the exports of passport-civic-sip/crypto', () => {
  it('are the cryptography of the wire, and nothing internal', () => {
    assert.deepEqual(Object.keys(crypto).sort(), [
      'canonicalJson',
      'openPayload',
      'privateKey',
      'privateKeyHex',
      'publicKey',
      'publicKeyHex',
      'requestExtension',
      'sealPayload',
      'signToken',
      'verifyToken',
    ])
  })
})

describe('a bundle', () => {
  const from = "from 'passport-civic-sip/user-data'"

  it('of the scope requests contains nothing else', async () => {
    const { files, text } = await bundle(`import { ScopeRequests } ${from}; alert(ScopeRequests)`)
    assert.deepEqual(files, ['scope-requests.js'])
    assert.ok(text.length < 1000, `${text.length} characters`)
    assert.doesNotMatch(text, /documents\.|attCivic|startsWith/)
  })

  it('of the labels contains nothing else', async () => {
    const { files, text } = await bundle(`import { Labels } ${from}; alert(Labels)`)
    assert.deepEqual(files, ['scope-requests.js'])
    assert.doesNotMatch(text, /civicBasic|attCivic|startsWith/)
  })

  it('of the attestation sets contains neither labels nor scope requests', async () => {
    const { files, text } = await bundle(`import { attestationSet } ${from}; alert(attestationSet)`)
    assert.deepEqual(files, ['scope-requests.js'])
    assert.doesNotMatch(text, /civicBasic|contact\.personal/)
  })

  it("of a person's data contains no scope requests, labels or sets", async () => {
    const { files, text } = await bundle(`import { UserData } ${from}; alert(UserData)`)
    assert.deepEqual(files, ['user-data.js'])
    assert.doesNotMatch(text, /civicBasic|contact\.personal|attCivic/)
  })
})

describe('a bundle of a site that installed passport-civic-sip alone', () => {
  it('needs no optional package', async () => {
    const result = await build({
      entryPoints: [fileURLToPath(new URL('../../lib/index.ts', import.meta.url))],
      ...{ bundle: true, write: false, metafile: true, format: 'esm', platform: 'node', logLevel: 'error' },
      external: ['jsonwebtoken', 'node-fetch', 'passport-strategy'],
    })
    const files = Object.keys(result.metafile.inputs)
    assert.ok(files.length > 20)
    assert.deepEqual(
      files.filter((file) => /civic-attestations|attestations\/dist|direct/.test(file)),
      [],
    )
  })
})

describe('importing passport-civic-sip', () => {
  it('leaves node-fetch and jsonwebtoken for the first request', async () => {
    const result = await build({
      entryPoints: [fileURLToPath(new URL('../../lib/index.ts', import.meta.url))],
      ...{
        bundle: true,
        splitting: true,
        outdir: 'none',
        format: 'esm',
        platform: 'node',
        packages: 'external',
        write: false,
        metafile: true,
      },
    })
    const { outputs } = result.metafile
    const entry = Object.values(outputs).find(({ entryPoint }) => entryPoint === 'lib/index.ts')!
    const later = entry.imports
      .filter(({ kind }) => kind === 'dynamic-import')
      .map(({ path }) => basename(path))
    assert.ok(later.includes('node-fetch'))
    assert.ok(later.some((name) => name.startsWith('sign-token')))
    // What it loads at once, and what that loads at once
    const todo = [entry]
    for (const { imports } of todo) {
      for (const { kind, path } of imports) {
        assert.ok(kind !== 'import-statement' || !['jsonwebtoken', 'node-fetch'].includes(path), path)
        const chunk = outputs[path]
        if (kind === 'import-statement' && chunk && !todo.includes(chunk)) todo.push(chunk)
      }
    }
  })
})
