import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { anchorsOf } from '../support/anchors.ts'
import { pages, root } from '../support/examples.ts'

/** The repository's scripts, and those of the site that `npx civic-sip-sandbox init` writes. */
const scripts = new Set(['.', 'sandbox/template'].flatMap(scriptsOf))

describe('what the documents link', () => {
  for (const page of pages) {
    it(`exists: links of ${page}`, () => {
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

    it(`exists: npm scripts of ${page}`, () => {
      const text = readFileSync(join(root, page), 'utf8')
      const named = [...text.matchAll(/npm run ([\w:]+)/g)].map(([, script]) => script!)
      assert.deepEqual(
        named.filter((script) => !scripts.has(script)),
        [],
      )
    })
  }
})

describe("the README's diagram", () => {
  it('has the eleven steps, and names existing files', () => {
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

function scriptsOf(path: string): string[] {
  const text = readFileSync(join(root, path, 'package.json'), 'utf8')
  return Object.keys((JSON.parse(text) as { scripts: object }).scripts)
}
