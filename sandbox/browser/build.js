/** Bundles what runs in browsers into `dist/browser`, under the names the sandbox serves. */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { minify as shrink, transform as lower } from '@swc/core'
import { build, transform } from 'esbuild'

const source = import.meta.dirname
const target = join(source, '../dist/browser')

// The document's browser table goes down to Internet Explorer 11, whose JavaScript is ES5. That holds for what
// runs on a site's own pages; the sandbox's own pages are for its developers.
const entries = [
  { from: 'civic/civic.ts', to: 'civic.sip.min.js', as: es5, minify: true },
  { from: 'civic/v0.1.ts', to: 'civic.sip-v0.1.js', as: es5, minify: false },
  { from: 'css/civic-modal.css', to: 'civic-modal.css', as: css, minify: false },
  { from: 'css/civic-modal.css', to: 'civic-modal.min.css', as: css, minify: true },
  { from: 'frame/index.html', to: 'frame/index.html', as: unchanged },
  { from: 'frame/frame.css', to: 'frame/frame.css', as: css, minify: true },
  { from: 'frame/frame.ts', to: 'frame/frame.js', as: es5, minify: true },
  { from: 'wallet/index.html', to: 'wallet/index.html', as: unchanged },
  { from: 'wallet/wallet.css', to: 'wallet/wallet.css', as: modern },
  { from: 'wallet/wallet.tsx', to: 'wallet/wallet.js', as: modern },
  { from: 'dashboard/index.html', to: 'dashboard/index.html', as: unchanged },
  { from: 'dashboard/dashboard.css', to: 'dashboard/dashboard.css', as: modern },
  { from: 'dashboard/dashboard.tsx', to: 'dashboard/dashboard.js', as: modern },
]

await Promise.all(
  entries.map(async (entry) => {
    const file = join(target, entry.to)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, await entry.as(join(source, entry.from), entry.minify))
  }),
)

/** Esbuild bundles but knows nothing older than ES2015; swc lowers what it made. */
async function es5(file, minify) {
  // The library looks for a loader of CommonJS modules, on purpose
  const logOverride = { 'commonjs-variable-in-esm': 'silent' }
  const { code } = await lower(await bundle(file, { format: 'esm', target: 'es2020', logOverride }), {
    configFile: false,
    swcrc: false,
    isModule: false,
    env: { targets: { ie: '10' }, exclude: ['transform-typeof-symbol'], loose: true },
  })
  // Swc's helpers stand at the top: wrapped, nothing of them becomes a global
  const script = `(function () {\n${code}\n})();\n`
  return minify ? (await shrink(script, { ecma: 5, compress: true, mangle: true })).code : script
}

/** Scripts and style sheets of the sandbox's own pages, with what they import. */
function modern(file) {
  return bundle(file, { minify: true, target: 'es2022', jsx: 'automatic', jsxImportSource: 'preact' })
}

async function bundle(file, options) {
  const result = await build({
    entryPoints: [file],
    bundle: true,
    charset: 'ascii',
    legalComments: 'none',
    write: false,
    ...options,
  })
  return result.outputFiles[0].text
}

async function css(file, minify) {
  const { code } = await transform(await readFile(file, 'utf8'), { loader: 'css', minify, target: 'ie11' })
  return code
}

function unchanged(file) {
  return readFile(file)
}
