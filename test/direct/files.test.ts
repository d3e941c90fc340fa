import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { civicJsFile, civicJsFolder } from '../../lib/direct/files.ts'
import { Shop } from './support/shop.ts'

describe("CivicJS's files", () => {
  let root: string
  let folder: string
  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'civic-js-'))
    const installed = join(root, 'node_modules/civic-js')
    folder = join(installed, 'dist')
    for (const name of ['js', 'css', 'frame/more.js']) await mkdir(join(folder, name), { recursive: true })
    await writeFile(join(installed, 'package.json'), '{"name":"civic-js"}')
    await writeFile(join(folder, 'js/civic.sip.min.js'), 'script')
    await writeFile(join(folder, 'css/civic-modal.min.css'), 'style')
    await writeFile(join(folder, 'frame/index.html'), 'frame')
    await writeFile(join(folder, 'secret.js'), 'secret')
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
    'secret.js',
    'frame/more.js',
    'js/',
  ]) {
    it(`are none else: ${path}`, async () => assert.equal(await civicJsFile(path, folder), undefined))
  }

  it('that are not installed say in one sentence what to install', async () => {
    assert.equal(civicJsFolder(pathToFileURL(join(tmpdir(), 'nowhere.js')).href), undefined)
    const reply = await civicJsFile('js/civic.sip.min.js', undefined)
    assert.deepEqual(
      [reply?.status, reply?.body],
      [404, 'To serve the files of CivicJS, install them: npm i civic-js'],
    )
  })

  it('are asked for below the mount', async () => {
    const shop = await Shop.start()
    try {
      const reply = await shop.send('GET', '/civic/js/civic.sip.min.js')
      assert.ok(reply.status === 200 || reply.text.includes('npm i civic-js'))
    } finally {
      await shop.stop()
    }
  })
})
