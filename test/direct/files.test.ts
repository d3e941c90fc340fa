import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { civicJsFile, civicJsFolder } from '../../lib/direct/files.ts'
import { Shop } from '../support/shop.ts'

describe("CivicJS's files", () => {
  let root: string
  let folder: string
  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'civic-js-'))
    const installed = join(root, 'node_modules/civic-js')
    folder = join(installed, 'dist')
    await mkdir(join(folder, 'frame/more.js'), { recursive: true })
    await writeFile(join(installed, 'package.json'), '{"name":"civic-js"}')
    await writeFile(join(folder, 'civic.sip.min.js'), 'script')
    await writeFile(join(folder, 'civic-modal.min.css'), 'style')
    await writeFile(join(folder, 'frame/index.html'), 'frame')
    await writeFile(join(installed, 'secret.js'), 'secret')
  })
  after(() => rm(root, { recursive: true }))

  it('are found where civic-js is installed', () => {
    assert.equal(civicJsFolder(pathToFileURL(join(root, 'site.js')).href), folder)
  })

  for (const [path, body, type] of [
    ['js/civic.sip.min.js', 'script', 'text/javascript; charset=utf-8'],
    ['css/civic-modal.min.css', 'style', 'text/css; charset=utf-8'],
    ['frame/', 'frame', 'text/html; charset=utf-8'],
    ['frame/index.html', 'frame', 'text/html; charset=utf-8'],
  ] as const) {
    it(`are served: ${path}`, async () => {
      const reply = await civicJsFile(path, folder)
      assert.deepEqual([reply?.status, String(reply?.body), reply?.type], [200, body, type])
    })
  }

  for (const path of [
    'js/other.js',
    'js/../secret.js',
    'js/%2e%2e/secret.js',
    'civic.sip.min.js',
    'js/civic-modal.min.css',
    'frame/more.js',
    'js/',
  ]) {
    it(`do not include ${path}`, async () => assert.equal(await civicJsFile(path, folder), undefined))
  }

  it('that are not installed say in one sentence what to install', async () => {
    assert.equal(civicJsFolder(pathToFileURL(join(tmpdir(), 'nowhere.js')).href), undefined)
    const reply = await civicJsFile('js/civic.sip.min.js', undefined)
    assert.deepEqual(
      [reply?.status, reply?.type, reply?.body],
      [404, 'text/plain; charset=utf-8', 'To serve the files of CivicJS, install them: npm i civic-js'],
    )
  })

  it('let only pages of the site frame the page in the dialog, which runs nothing but its own files', async () => {
    const page = await civicJsFile('frame/index.html', folder)
    assert.match(
      page?.headers?.['Content-Security-Policy'] ?? '',
      /default-src 'none'.*frame-ancestors 'self'/,
    )
    const script = await civicJsFile('js/civic.sip.min.js', folder)
    assert.deepEqual(script?.headers, { 'Cache-Control': 'public, max-age=300' })
  })

  it('of the package are served below the mount', async function () {
    const installed = civicJsFolder()
    // The browser scripts are bundled by the build
    if (installed === undefined || !existsSync(join(installed, 'civic.sip.min.js'))) this.skip()
    const shop = await Shop.start()
    try {
      for (const [path, type] of [
        ['js/civic.sip.min.js', 'text/javascript'],
        ['css/civic-modal.min.css', 'text/css'],
        ['frame/', 'text/html'],
        ['frame/frame.js', 'text/javascript'],
      ] as const) {
        const reply = await shop.send('GET', `/civic/${path}`)
        assert.equal(reply.status, 200)
        assert.ok(reply.headers['content-type']?.toString().startsWith(type))
        assert.ok(reply.text.length > 100)
      }
    } finally {
      await shop.stop()
    }
  })
})
