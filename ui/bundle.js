import { spawnSync } from 'node:child_process'
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, relative, resolve, sep } from 'node:path'
import process from 'node:process'

const ROOT = resolve(import.meta.dirname, '..')

/**
 * Bundles what runs in browsers, where something changed since it was bundled last, and checks its types first.
 *
 * @param {string} source the folder that `from` names files of, with a tsconfig.json
 * @param {string} target the folder that `to` names files of
 * @param {readonly { from: string, to: string, as: (file: string, minify?: boolean) => Promise<Bundled>, minify?: boolean }[]} entries
 * @param {string} [part] tells several calls with one target apart
 */
export async function bundleAll(source, target, entries, part = '') {
  const outputs = entries.map(({ to }) => join(target, to))
  const record = join(
    ROOT,
    'node_modules/.cache/civic-ui',
    `${relative(ROOT, target).replaceAll(sep, '-')}${part}.json`,
  )
  const scripts = [import.meta.filename, process.argv[1]]
  if (await isUpToDate(outputs, record, scripts)) return
  checkTypes(source)
  const made = await Promise.all(entries.map(({ from, as, minify }) => as(join(source, from), minify)))
  for (const [index, { content }] of made.entries()) {
    await mkdir(dirname(outputs[index]), { recursive: true })
    await writeFile(outputs[index], content)
  }
  await mkdir(dirname(record), { recursive: true })
  await writeFile(record, JSON.stringify([...new Set(made.flatMap(({ inputs }) => inputs))]))
}

/** Whether every output is there, and newer than all that it was made of. */
async function isUpToDate(outputs, record, scripts) {
  try {
    const inputs = [...scripts, ...JSON.parse(await readFile(record, 'utf8'))]
    const made = await Promise.all(outputs.map(modified))
    const changed = await Promise.all(inputs.map(modified))
    return Math.max(...changed) <= Math.min(...made)
  } catch {
    return false
  }
}

async function modified(file) {
  return (await stat(file)).mtimeMs
}

function checkTypes(folder) {
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')
  const { status } = spawnSync(process.execPath, [tsc, '-p', folder], { stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}

/** @typedef {{ content: string | Buffer, inputs: string[] }} Bundled what was made, and the files it was made of */

/**
 * For what runs on a site's own pages: the document's browser table goes down to Internet Explorer 11, whose
 * JavaScript is ES5. Esbuild bundles but knows nothing older than ES2015; swc lowers what it made.
 */
export async function es5(file, minify) {
  // The library looks for a loader of CommonJS modules, on purpose
  const logOverride = { 'commonjs-variable-in-esm': 'silent' }
  const { minify: shrink, transform: lower } = await import('@swc/core')
  const { content, inputs } = await bundle(file, { format: 'esm', target: 'es2020', logOverride })
  const { code } = await lower(content, {
    configFile: false,
    swcrc: false,
    isModule: false,
    env: { targets: { ie: '10' }, exclude: ['transform-typeof-symbol'], loose: true },
  })
  // Swc's helpers stand at the top: wrapped, nothing of them becomes a global
  const script = `(function () {\n${code}\n})();\n`
  if (!minify) return { content: script, inputs }
  return { content: (await shrink(script, { ecma: 5, compress: true, mangle: true })).code, inputs }
}

const MODERN = { minify: true, target: 'es2022', jsx: 'automatic', jsxImportSource: 'preact' }

/** Scripts and style sheets of pages for current browsers, with what they import. */
export function modern(file) {
  return bundle(file, MODERN)
}

/** The same as a module, for a page that links it as one. */
export function moduleScript(file) {
  return bundle(file, { ...MODERN, format: 'esm' })
}

async function bundle(file, options) {
  const { build } = await import('esbuild')
  const { outputFiles, metafile } = await build({
    entryPoints: [file],
    bundle: true,
    metafile: true,
    charset: 'ascii',
    legalComments: 'none',
    write: false,
    ...options,
  })
  const inputs = Object.keys(metafile.inputs).map((input) => resolve(input))
  return { content: outputFiles[0].text, inputs }
}

export async function css(file, minify) {
  const { transform } = await import('esbuild')
  const { code } = await transform(await readFile(file, 'utf8'), { loader: 'css', minify, target: 'ie11' })
  return { content: code, inputs: [file] }
}

export async function unchanged(file) {
  return { content: await readFile(file), inputs: [file] }
}
