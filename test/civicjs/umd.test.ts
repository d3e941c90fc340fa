import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { createContext, runInContext } from 'node:vm'

const built = new URL('../../civicjs/dist/', import.meta.url)

type Sip = (new (options: object) => object) & { injectButton: unknown; sip: unknown }

for (const file of ['civic.sip.min.js', 'civic.sip-v0.1.js']) {
  describe(`${file} as a module`, () => {
    let script: string

    before(async () => {
      script = await readFile(new URL(file, built), 'utf8')
    })

    /** Runs the script among these globals, as a tag or a loader does, and returns them. */
    function run(globals: Record<string, unknown>): Record<string, unknown> {
      runInContext(script, createContext(globals))
      return globals
    }

    /** A page's globals. `also` are there before the script is. */
    function page(also: Record<string, unknown> = {}): Record<string, unknown> {
      const window: Record<string, unknown> = { document: { currentScript: null }, ...also }
      return Object.assign(window, { window })
    }

    function assertLibrary(value: unknown): void {
      const sip = value as Sip
      assert.equal(typeof sip, 'function')
      assert.equal(typeof sip.injectButton, 'function')
      assert.equal(sip.sip, sip)
      assert.throws(() => new sip({}), /config-missing-app-id/)
    }

    it('is the class itself for CommonJS, without a global', () => {
      const module = { exports: {} }
      const window = page({ module, exports: module.exports })
      run(window)
      assertLibrary(module.exports)
      assert.equal('civic' in window, false)
    })

    it('is the class itself for AMD, without a global', () => {
      const defined: [unknown, () => unknown][] = []
      const define = (needs: unknown, make: () => unknown): unknown => defined.push([needs, make])
      const window = run(page({ define: Object.assign(define, { amd: {} }) }))
      assert.equal(JSON.stringify(defined[0]?.[0]), '[]')
      assertLibrary(defined[0]?.[1]())
      assert.equal('civic' in window, false)
    })

    it('loads without a page, as on a server that renders pages', () => {
      const module = { exports: {} }
      run({ module })
      assert.equal(typeof module.exports, 'function')
    })

    for (const [what, globals] of [
      ['in a plain page', {}],
      ['beside a module and a define that belong to no loader', { module: {}, define: () => undefined }],
      ['beside a module that is null', { module: null }],
      ['where the site has declared a civic', { civic: undefined }],
    ] as const) {
      it(`is civic.sip ${what}`, () => {
        const { civic } = run(page(globals)) as { civic: { sip: unknown } }
        assertLibrary(civic.sip)
      })
    }

    it('keeps the site’s own civic, and adds sip', () => {
      const civic: Record<string, unknown> = { team: 'ours', sip: 'old' }
      assert.equal(run(page({ civic })).civic, civic)
      assert.equal(civic.team, 'ours')
      assertLibrary(civic.sip)
    })
  })
}
