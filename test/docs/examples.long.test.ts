import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { findProgram } from '../support/browser.ts'
import { examplesOf, pageFolder, pages, remove, root, writeExamples } from '../support/examples.ts'
import type { Example } from '../support/examples.ts'

const exec = promisify(execFile)

/** What needs a package of another age: `npm run test:package` runs it, with that package. */
function isOld({ name }: Example): boolean {
  return name.startsWith('before')
}

/** Has a separate test: JavaScript cannot say the tuples that its types ask for. */
const ELSEWHERE = 'attestations/README.md'
const found = pages.map(examplesOf)
const chromium = findProgram('CHROME_PATH', [
  'chromium',
  'chromium-browser',
  'google-chrome-stable',
  'google-chrome',
])
const examples = found.flatMap((page) => page.examples).filter((example) => !isOld(example))
const programs = examples.filter(({ name }) => /\.[cm]?[jt]s$/.test(name))

/** What the apps of the documents would say themselves: their user is whatever they make of it. */
const APP_TYPES = `declare namespace Express {
  interface User { [property: string]: any }
  interface Request { account?: any }
}`
/** What a program of the documents finds around it. */
const ENV = { NODE_ENV: 'test', PORT: '0', SANDBOX_PORT: '0', CHROME_PATH: chromium ?? '' }
const LENIENT = { exactOptionalPropertyTypes: false, noUnusedLocals: false, noUnusedParameters: false }

describe('code in the documents', function () {
  this.timeout(120_000)
  let folder: string
  before(() => {
    folder = writeExamples(examples)
    writeFileSync(join(folder, 'app.d.ts'), APP_TYPES)
  })
  after(() => remove(folder))

  it('belongs to a file that is tested', () => {
    const untested = found
      .filter(({ page }) => page !== ELSEWHERE)
      .flatMap(({ page, loose }) => loose.map((block) => ({ page, ...block })))
      .filter(({ language }) => !['', 'sh', 'mermaid', 'text'].includes(language))
    assert.deepEqual(untested, [])
  })

  it('is the same as in its file', () => {
    const unindented = (text: string): string => text.replace(/^[ \t]+/gm, '')
    for (const { page, excerpts } of found) {
      for (const { path, text } of excerpts) {
        const source = readFileSync(join(root, path), 'utf8')
        assert.ok(unindented(source).includes(unindented(text)), `${page}: not in ${path}:\n${text}`)
      }
    }
  })

  for (const [language, extensions, strictness] of [
    // What readers paste has no types: names, arguments and properties are checked all the same
    ['JavaScript', ['js', 'cjs', 'mjs'], { allowJs: true, checkJs: true, strict: false, ...LENIENT }],
    ['TypeScript', ['ts', 'mts'], {}],
  ] as const) {
    it(`compiles: ${language}`, async () => {
      const config = {
        extends: join(root, 'tsconfig.base.json'),
        compilerOptions: {
          ...{ noEmit: true, composite: false, declaration: false, declarationMap: false, sourceMap: false },
          ...{ rewriteRelativeImportExtensions: false, lib: ['es2023', 'dom'], types: ['node', 'mocha'] },
          ...strictness,
        },
        include: ['app.d.ts', ...extensions.map((extension) => `**/*.${extension}`)],
      }
      const project = join(folder, `tsconfig.${language}.json`)
      writeFileSync(project, JSON.stringify(config))
      const tsc = join(root, 'node_modules/typescript/bin/tsc')
      const { stdout } = await exec(process.execPath, [tsc, '-p', project]).catch(
        (error: unknown) => error as { stdout: string },
      )
      assert.equal(stdout, '')
    })
  }

  for (const example of programs.filter(({ name }) => !isTest(name))) {
    it(`runs: ${example.name} of ${example.page}`, async function () {
      if (lacksBrowser(example)) this.skip()
      const file = fileOf(example)
      await (needsProcess(example) ? runAlone([file]) : runHere(file))
    })
  }

  it('runs: the tests of all pages', async () => {
    const mocha = join(root, 'node_modules/mocha/bin/mocha.js')
    const tests = programs.filter((example) => isTest(example.name) && !lacksBrowser(example))
    assert.ok(tests.length > 1)
    await runAlone([mocha, '--no-config', '--timeout', '20000', ...tests.map(fileOf)])
  })

  function fileOf({ page, name }: Example): string {
    return join(folder, pageFolder(page), name)
  }
})

function isTest(name: string): boolean {
  return name.includes('.test.')
}

/** Whether it needs Chromium, and there is no Chromium: CI must have it. */
function lacksBrowser({ page, name, text }: Example): boolean {
  if (chromium !== undefined || !text.includes('playwright')) return false
  if (process.env['CI']) throw new Error('Chromium is not installed')
  console.log(`skipped: ${name} of ${page}, for Chromium is not installed (apt-get install chromium)`)
  return true
}

/** Whether it goes on after its module has run, or asks for things that belong to a process. */
function needsProcess({ name, text }: Example): boolean {
  return name.endsWith('.cjs') || /process\.(exit|argv)\b/.test(text)
}

/** In another process: a second and more of processor time before it does anything. */
async function runAlone(args: string[]): Promise<void> {
  const env = { ...process.env, ...ENV, NODE_OPTIONS: '' }
  const cwd = dirname(args.at(-1)!)
  // What a program prints belongs to the failure, if there is one
  await exec(process.execPath, args, { cwd, env, timeout: 60_000 }).catch((error: unknown) => {
    const { stdout, stderr } = error as { stdout: string; stderr: string }
    assert.fail(`${stdout}${stderr}`)
  })
}

/** In this process, which is warm: a program is done once its module is. */
async function runHere(file: string): Promise<void> {
  const before = { ...process.env }
  Object.assign(process.env, ENV)
  try {
    await import(pathToFileURL(file).href)
  } finally {
    for (const name of Object.keys(process.env))
      if (!(name in before)) Reflect.deleteProperty(process.env, name)
    Object.assign(process.env, before)
  }
}
