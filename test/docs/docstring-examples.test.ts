import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { remove, root } from '../support/examples.ts'

/** Where public functions and classes are documented. */
const ROOMS = ['lib', 'attestations/lib', 'sandbox/lib', 'sip/lib']

/** What must have an example. */
const PUBLIC = [
  'CivicStrategy',
  'CivicClient',
  'verifyAuthCode',
  'UserData',
  'MemoryReplayStore',
  'RedisReplayStore',
  'toProfile',
  'issue',
  'anchor',
  'grant',
  'verifyOffline',
  'verifyOnLedger',
  'createSandbox',
  'createSip',
]

interface Docstring {
  readonly file: string
  /** What it is of. */
  readonly name: string
  readonly code: string
}

const DOCSTRING =
  /\/\*\*((?:(?!\*\/)[\s\S])*@example(?:(?!\*\/)[\s\S])*)\*\/\s+(?:export )?(?:async )?(?:class |function )?(\w+)/g

function docstringsIn(file: string): Docstring[] {
  return [...readFileSync(join(root, file), 'utf8').matchAll(DOCSTRING)].flatMap(
    ([, comment = '', name = '']) => {
      const text = comment.replace(/^ *\* ?/gm, '')
      return [...text.matchAll(/@example\n```ts\n([\s\S]*?)\n```/g)].map(([, code = '']) => ({
        file,
        name,
        code,
      }))
    },
  )
}

/** What an example may use without making it: `support/given.ts` has it. */
function givenNames(): string[] {
  const text = readFileSync(join(import.meta.dirname, 'support/given.ts'), 'utf8')
  const [, names = ''] = /return \{([^}]*)\}\n\}\s*$/.exec(text) ?? []
  return [...names.matchAll(/\w+/g)].map(([name]) => name)
}

/** The example as a module. `console.log(value) // expected` becomes a check. */
function moduleOf({ code }: Docstring, names: readonly string[]): string {
  const bare = code.replace(/\/\/.*|'[^']*'/g, '')
  const isUsed = (name: string): boolean =>
    new RegExp(`(?<!\\w|[^.]\\.)${name}\\b(?!:)`).test(bare) &&
    !new RegExp(`(const|let) [^=]*\\b${name}\\b`).test(bare)
  const used = names.filter(isUsed)
  const [imports, body] = [/^import .*$/gm, /^(?!import ).*$/gm].map((lines) =>
    (code.match(lines) ?? []).join('\n'),
  ) as [string, string]
  const checked = body.replace(
    /^( *(?:if \(.*\) )?)console\.log\((.*)\) \/\/ (.*)$/gm,
    (_, before: string, value: string, expected: string) =>
      `${before}assert.deepEqual(${value}, ${expected}), given.count()`,
  )
  return [
    "import assert from 'node:assert/strict'",
    "import * as given from './given.js'",
    imports,
    'export default async function example() {',
    `const { ${used.join(', ')} } = await given.make()`,
    checked,
    '}',
  ].join('\n')
}

/** Runs every module one after the other; says what became of each. */
const RUNNER = `
import * as given from './given.js'
const results = []
for (const name of process.argv.slice(2)) {
  const before = given.checks()
  try {
    await (await import('./' + name + '.js')).default()
    results.push({ checks: given.checks() - before })
  } catch (error) {
    results.push({ error: String(error && error.stack) })
  }
}
await given.end()
console.log(JSON.stringify(results))
`

const found = ROOMS.flatMap((room) =>
  readdirSync(join(root, room), { encoding: 'utf8', recursive: true }).map((file) => join(room, file)),
)
  .filter((file) => file.endsWith('.ts'))
  .sort()
  .flatMap(docstringsIn)

describe('examples in docstrings', function () {
  this.timeout(120_000)
  let results: { checks?: number; error?: string }[] = []
  let folder: string
  before(() => {
    const out = join(import.meta.dirname, '.examples')
    mkdirSync(out, { recursive: true })
    folder = mkdtempSync(join(out, 'x-'))
    const names = givenNames()
    found.forEach((docstring, index) =>
      writeFileSync(join(folder, `e${index}.ts`), moduleOf(docstring, names)),
    )
    cpSync(join(import.meta.dirname, 'support/given.ts'), join(folder, 'given.ts'))
    writeFileSync(join(folder, 'run.mjs'), RUNNER)
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({
        extends: relative(folder, join(root, 'tsconfig.base.json')),
        compilerOptions: {
          composite: false,
          declaration: false,
          declarationMap: false,
          sourceMap: false,
          noUnusedLocals: false,
          noUnusedParameters: false,
        },
        include: ['*.ts'],
      }),
    )
    try {
      execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder], {
        encoding: 'utf8',
      })
    } catch (error) {
      assert.fail(`They do not compile:\n${(error as { stdout: string }).stdout}`)
    }
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      [join(folder, 'run.mjs'), ...found.map((_, index) => `e${index}`)],
      { encoding: 'utf8' },
    )
    assert.equal(status, 0, stderr)
    results = JSON.parse(stdout) as typeof results
  })
  after(() => remove(folder))

  it('are on everything public that needs one', () => {
    const names = new Set(found.map(({ name }) => name))
    assert.deepEqual(
      PUBLIC.filter((name) => !names.has(name)),
      [],
    )
  })

  found.forEach(({ file, name, code }, index) => {
    it(`${name} (${file}) compiles, runs and shows what it says`, () => {
      const { error, checks } = results[index]!
      assert.equal(error, undefined)
      assert.equal(checks, code.match(/console\.log\(/g)?.length ?? 0)
    })
  })
})

/** An option that may be left out, with its docstring. */
const OPTION = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n(?: *\/\/.*\n)* {2}(?:readonly )?(\w+)\?[:(]/g

/** Left out, these are simply absent. */
const ABSENT = ['logo', 'primaryColor', 'secondaryColor', 'fetch']

describe('docstrings of options', () => {
  const files = [
    'lib/options.ts',
    'lib/strategy-options.ts',
    'lib/replay.ts',
    'lib/redis-replay.ts',
    'lib/direct/direct-options.ts',
    'lib/direct/strategy.ts',
    'attestations/lib/esplora.ts',
  ]
  for (const file of files) {
    it(`name the default of each: ${file}`, () => {
      const options = [...readFileSync(join(root, file), 'utf8').matchAll(OPTION)]
      assert.ok(options.length > 0)
      const without = options.filter(([, text = '']) => !text.includes('@default')).map(([, , name]) => name!)
      assert.deepEqual(
        without.filter((name) => !ABSENT.includes(name)),
        [],
      )
    })
  }
})
