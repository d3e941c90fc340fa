import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { packages, packed, root } from './support/packed.ts'
import type { PackageName } from './support/packed.ts'
import { run } from './support/run.ts'

/** What a package holds beside its sources in lib/ and what is compiled of each. */
const more: Record<PackageName, readonly string[]> = {
  'passport-civic-sip': [
    'CHANGELOG.md',
    'LICENSE',
    'README.md',
    // For tools that know no `exports`, such as eslint-plugin-import 2
    'crypto/package.json',
    'direct/package.json',
    'package.json',
    'user-data/package.json',
  ],
  'civic-attestations': ['LICENSE', 'README.md', 'package.json'],
  'civic-js': [
    'LICENSE',
    'README.md',
    'package.json',
    ...[
      'civic-modal.css',
      'civic-modal.min.css',
      'civic.sip-v0.1.js',
      'civic.sip.min.js',
      'frame/frame.css',
      'frame/frame.js',
      'frame/index.html',
      'package.json',
    ].map((file) => `dist/${file}`),
  ],
  'civic-wallet': [
    'LICENSE',
    'README.md',
    'package.json',
    ...[
      ...['icon-192.png', 'icon-512.png', 'icon.svg', 'index.html', 'manifest.webmanifest'],
      ...['service-worker.js', 'wallet.css', 'wallet.js', 'worker.js'],
    ].map((file) => `dist/app/${file}`),
    'dist/SHA256SUMS',
  ],
  'civic-sip-server': [
    'LICENSE',
    'README.md',
    'bin/civic-sip-server.js',
    'database/package.json',
    'http/package.json',
    'lock/package.json',
    'package.json',
    ...['dashboard.css', 'dashboard.js', 'index.html'].map((file) => `dist/dashboard/${file}`),
    ...tracked('civic-sip-server', 'migrations'),
  ],
  'civic-sip-sandbox': [
    'LICENSE',
    'README.md',
    'assets/specimen-card.jpg',
    'bin/civic-sip-sandbox.js',
    'package.json',
    'phone/package.json',
    ...['index.html', 'sandbox.css', 'sandbox.js'].map((file) => `dist/pages/${file}`),
    ...['accounts.js', 'app.js', 'gitignore', 'login.test.js', 'package.json', 'pages.js', 'server.js'].map(
      (file) => `template/${file}`,
    ),
  ],
}

/** A source, its JavaScript and declarations, and the maps of both. */
function compiled(source: string): string[] {
  const dist = source.replace(/^lib\//, 'dist/').replace(/\.ts$/, '')
  return [source, ...['.js', '.js.map', '.d.ts', '.d.ts.map'].map((extension) => dist + extension)]
}

function sources(name: PackageName): string[] {
  // Bundled, and not compiled file by file
  if (name === 'civic-js') return []
  return tracked(name, 'lib').filter((file) => file.endsWith('.ts'))
}

/** The files of a package's folder that git knows. */
function tracked(name: PackageName, folder: string): string[] {
  const cwd = join(root, packages[name])
  const listed = execFileSync('git', ['ls-files', folder], { cwd, encoding: 'utf8' })
  return listed.split('\n').filter((file) => file !== '')
}

for (const name of Object.keys(packages) as PackageName[]) {
  describe(name, function () {
    this.timeout(120_000)

    it('holds exactly its sources, what is compiled of them, and its papers', async () => {
      const { files } = (await packed())[name]
      assert.deepEqual(files, [...sources(name).flatMap(compiled), ...more[name]].sort())
    })

    it('has nothing that publint --strict objects to', async () => {
      const { tarball } = (await packed())[name]
      await run('npx', ['publint', 'run', tarball, '--strict'], root)
    })

    // Files for pages have no entry that code could import
    if (name === 'civic-js') return
    it('resolves, code and types, in every kind of project (attw)', async () => {
      const { tarball } = (await packed())[name]
      // Every Node.js that `engines` allows can require an ES module
      await run('npx', ['attw', tarball, '--ignore-rules', 'cjs-resolves-to-esm', '--no-color'], root)
    })
  })
}
