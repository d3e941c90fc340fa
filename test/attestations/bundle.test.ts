import assert from 'node:assert/strict'
import { compileFunction } from 'node:vm'
import { build } from 'esbuild'
import type { BuildOptions } from 'esbuild'

type Program = (xpub: string, report: (error: unknown) => void, module: object, require: () => never) => void

/** What esbuild makes of a program that uses civic-attestations, and the files that it read. */
async function bundle(contents: string, options: BuildOptions) {
  const { metafile, outputFiles } = await build({
    ...{ bundle: true, write: false, metafile: true, logLevel: 'error', ...options },
    stdin: { contents, resolveDir: import.meta.dirname },
  })
  return { files: Object.keys(metafile!.inputs), text: outputFiles![0]!.text }
}

describe('attestations: a bundle', () => {
  it('for browsers contains no optional package and nothing of Node', async () => {
    const { files, text } = await bundle("export * from 'civic-attestations'", {
      format: 'esm',
      platform: 'browser',
    })
    assert.ok(files.some((file) => file.endsWith('attestations/dist/verifier.js')))
    assert.deepEqual(
      files.filter((file) => /node_modules\/(?!@noble\/|@scure\/|micro-packed\/)/.test(file)),
      [],
    )
    assert.doesNotMatch(text, /\bimport\b[^(]*from|require\(/)
  })

  it('in CommonJS verifies with what Node has', async () => {
    const { text } = await bundle(
      `const { AttestationError, verifyGrant } = require('civic-attestations')
      const expected = { xpub: XPUB, label: 'a', data: '', appId: 'b', requestId: 'c' }
      try {
        verifyGrant({ clientId: 'b', label: 'a', signature: '3006020101020101' }, expected)
      } catch (error) {
        report(error)
      }`,
      { format: 'cjs', platform: 'node' },
    )
    const xpub =
      'xpub661MyMwAqRbcFtXgS5sYJABqqG9YLmC4Q1Rdap9gSE8NqtwybGhePY2gZ29ESFjqJoCu1Rupje8YtGqsefD265TMg7usUDFdp6W1EGMcet8'
    const errors: unknown[] = []
    const program = compileFunction(text, ['XPUB', 'report', 'module', 'require']) as Program
    program(
      xpub,
      (error) => errors.push(error),
      {},
      () => assert.fail('the bundle needs a module'),
    )
    assert.deepEqual(
      errors.map((error) => (error as { code: string }).code),
      ['GRANT_MISMATCH'],
    )
  })
})
