import assert from 'node:assert/strict'
import { execFile, execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { anchorsOf } from '../support/anchors.ts'
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

  it('stands where it says it is from', () => {
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

  for (const { page, name } of programs) {
    it(`runs: ${name} of ${page}`, async function () {
      const file = join(folder, pageFolder(page), name)
      if (readFileSync(file, 'utf8').includes('playwright') && chromium === undefined) {
        if (process.env['CI']) throw new Error('Chromium is not installed')
        console.log(`skipped: ${name} of ${page}, for Chromium is not installed (apt-get install chromium)`)
        this.skip()
      }
      const mocha = join(root, 'node_modules/mocha/bin/mocha.js')
      const args = name.includes('.test.')
        ? [mocha, '--no-config', '--timeout', '20000', file]
        : [...(/ts$/.test(name) ? ['--import', 'tsx/esm'] : []), file]
      const env = {
        ...process.env,
        NODE_ENV: 'test',
        PORT: '0',
        SANDBOX_PORT: '0',
        NODE_OPTIONS: '',
        CHROME_PATH: chromium ?? '',
      }
      // What a program prints belongs to the failure, if there is one
      await exec(process.execPath, args, { cwd: dirname(file), env, timeout: 60_000 }).catch(
        (error: unknown) => {
          const { stdout, stderr } = error as { stdout: string; stderr: string }
          assert.fail(`${stdout}${stderr}`)
        },
      )
    })
  }
})

describe('what the documents point to', () => {
  for (const page of pages) {
    it(`is there: links of ${page}`, () => {
      const text = readFileSync(join(root, page), 'utf8').replace(/^(`{3,}).*?^\1$|<!--.*?-->/gms, '')
      const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g), ...text.matchAll(/ src(?:set)?="([^"]+)"/g)]
        .map(([, target]) => target!)
        .filter((target) => !/^https?:|^mailto:/.test(target))
      const broken = targets.filter((target) => {
        const [path = '', anchor] = target.split('#')
        const file = path === '' ? join(root, page) : join(root, dirname(page), path)
        return !existsSync(file) || (anchor !== undefined && !anchorsOf(file).includes(anchor))
      })
      assert.deepEqual(broken, [])
    })

    it(`is there: npm scripts of ${page}`, () => {
      const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: object }
      const text = readFileSync(join(root, page), 'utf8')
      const named = [...text.matchAll(/npm run ([\w:]+)/g)].map(([, script]) => script!)
      assert.deepEqual(
        named.filter((script) => !(script in scripts)),
        [],
      )
    })
  }
})

describe("the README's diagram", () => {
  it('has the eleven steps, and names files that are there', () => {
    const [, diagram] = /^```mermaid\n(.*?)^```$/ms.exec(readFileSync(join(root, 'README.md'), 'utf8'))!
    assert.equal(diagram!.match(/->>/g)?.length, 11)
    // To Mermaid it ends a line
    assert.doesNotMatch(diagram!, /;/)
    const files = execFileSync('git', ['ls-files', '*.ts'], { cwd: root, encoding: 'utf8' }).split('\n')
    const missing = diagram!
      .match(/[\w/-]+\.ts/g)!
      .filter((name) => !files.some((file) => `/${file}`.endsWith(`/${name}`)))
    assert.deepEqual(missing, [])
  })
})
