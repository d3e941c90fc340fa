import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { minify as shrink, transform as lower } from '@swc/core'
import { build, transform } from 'esbuild'

/**
 * Bundles what runs in browsers.
 *
 * @param {string} source the folder that `from` names files of
 * @param {string} target the folder that `to` names files of
 * @param {readonly { from: string, to: string, as: (file: string, minify?: boolean) => Promise<string | Buffer>, minify?: boolean }[]} entries
 */
export async function bundleAll(source, target, entries) {
  await Promise.all(
    entries.map(async ({ from, to, as, minify }) => {
      const file = join(target, to)
      await mkdir(dirname(file), { recursive: true })
      await writeFile(file, await as(join(source, from), minify))
    }),
  )
}

/**
 * For what runs on a site's own pages: the document's browser table goes down to Internet Explorer 11, whose
 * JavaScript is ES5. Esbuild bundles but knows nothing older than ES2015; swc lowers what it made.
 */
export async function es5(file, minify) {
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

/** Scripts and style sheets of pages for current browsers, with what they import. */
export function modern(file) {
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

export async function css(file, minify) {
  const { code } = await transform(await readFile(file, 'utf8'), { loader: 'css', minify, target: 'ie11' })
  return code
}

export function unchanged(file) {
  return readFile(file)
}
