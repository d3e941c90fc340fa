import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Consumer } from './support/consumer.ts'
import { root } from './support/packed.ts'

const VERSIONS = ['5.4', '5.9', '6', '7'] as const

/** The same program without `await` at its top level, which CommonJS does not have. */
function withoutTopLevelAwait(program: string): string {
  const start = program.indexOf('const sandbox: Sandbox = await')
  assert.notEqual(start, -1)
  return `${program.slice(0, start)}void (async () => {\n${program.slice(start)}})()\n`
}

describe('a login from TypeScript', function () {
  this.timeout(300_000)
  let consumer: Consumer

  before(async () => {
    // Nothing of @types but Node's: the packages' declarations need no other
    consumer = await Consumer.create([
      ...VERSIONS.map((version) => `typescript-${version}@npm:typescript@${version}`),
      '@types/node@20',
    ])
    for (const [folder, type] of [
      ['esm', 'module'],
      ['cjs', 'commonjs'],
    ] as const) {
      consumer.write(`${folder}/package.json`, JSON.stringify({ type }))
      consumer.copy('test/types/refused.ts', `${folder}/refused.ts`)
    }
    const login = readFileSync(join(root, 'test/types/login.ts'), 'utf8')
    consumer.write('esm/login.ts', login)
    consumer.write('cjs/login.ts', withoutTopLevelAwait(login))
  })

  const compile = (version: string, folder: string, outDir: string, settings: readonly string[]) =>
    consumer.tsc(`node_modules/typescript-${version}/bin/tsc`, [
      ...['--strict', '--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess'],
      ...['--skipLibCheck', 'false', '--types', 'node', '--lib', 'es2023', '--target', 'es2022'],
      ...['--outDir', outDir],
      ...settings,
      ...[`${folder}/login.ts`, `${folder}/refused.ts`],
    ])

  /** Projects of ES modules, and of CommonJS, with the settings that they have. */
  const projects = [
    { name: 'nodenext', folder: 'esm', settings: ['--module', 'nodenext'] },
    { name: 'node16', folder: 'esm', settings: ['--module', 'node16'] },
    {
      name: 'bundler',
      folder: 'esm',
      settings: ['--module', 'esnext', '--moduleResolution', 'bundler'],
    },
    { name: 'commonjs', folder: 'cjs', settings: ['--module', 'commonjs'] },
    // Up to 5.7 these files must not require an ES module: see below
    { name: 'nodenext, of CommonJS files', folder: 'cjs', settings: ['--module', 'nodenext'], after: 5.7 },
  ]

  for (const version of VERSIONS) {
    for (const { name, folder, settings, after = 0 } of projects) {
      if (Number(version) <= after) continue
      it(`${version}, strict, skipLibCheck false, ${name}`, async () => {
        const outDir = `${folder}/out-${version}-${name.replaceAll(/\W+/g, '-')}`
        await compile(version, folder, outDir, settings)
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

  for (const [version, module] of [
    ['5.4', 'nodenext'],
    ['6', 'node16'],
  ] as const) {
    it(`${version} refuses ${module} in CommonJS files with TS1479, as docs/troubleshooting.md says`, () =>
      assert.rejects(compile(version, 'cjs', 'cjs/out', ['--module', module, '--skipLibCheck']), /TS1479/))
  }
})
