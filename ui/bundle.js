import { spawnSync } from 'node:child_process'
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, relative, resolve, sep } from 'node:path'
import process from 'node:process'

const ROOT = resolve(import.meta.dirname, '..')

/**
 * Bundles scripts for browsers if a source changed since the last bundle. Checks their types first.
 *
 * @param {string} source the folder of the `from` files, with a tsconfig.json
 * @param {string} target the folder of the `to` files
 * @param {readonly { from: string, to: string, as: (file: string, minify?: boolean) => Promise<Bundled>, minify?:
 *   boolean }[]} entries
 * @param {string} [part] a name for this call, if several have the same target
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

/** Whether every output exists and is newer than its inputs. */
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

/** @typedef {{ content: string | Buffer, inputs: string[] }} Bundled the output, and the files that it was made from */

/**
 * For scripts on sites' pages: Civic's browser table goes down to Internet Explorer 11, which runs ES5. Esbuild
 * bundles, but only down to ES2015; swc then lowers the bundle.
 */
export async function es5(file, minify) {
  // The library looks for a CommonJS loader on purpose
  const logOverride = { 'commonjs-variable-in-esm': 'silent' }
  const { minify: shrink, transform: lower } = await import('@swc/core')
  const { content, inputs } = await bundle(file, { format: 'esm', target: 'es2020', logOverride })
  const { code } = await lower(content, {
    configFile: false,
    swcrc: false,
    isModule: false,
    env: { targets: { ie: '10' }, exclude: ['transform-typeof-symbol'], loose: true },
  })
  // Wrapped, because swc puts its helpers at the top level, where they would be globals
  const script = `(function () {\n${code}\n})();\n`
  if (!minify) return { content: script, inputs }
  return { content: (await shrink(script, { ecma: 5, compress: true, mangle: true })).code, inputs }
}

const MODERN = { minify: true, target: 'es2022', jsx: 'automatic', jsxImportSource: 'preact' }

/** Scripts and style sheets for current browsers, with their imports. */
export function modern(file) {
  return bundle(file, MODERN)
}

/** The same, as an ES module. */
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
