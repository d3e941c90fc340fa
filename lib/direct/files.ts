import { readFile, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { text } from './http.ts'
import type { Reply } from './http.ts'

const TYPES: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  html: 'text/html; charset=utf-8',
}

/** The paths that sites link, and the file of civic-js for each. */
const PLACES: readonly (readonly [place: RegExp, folder: string])[] = [
  [/^js\/[\w.-]+\.js$/, '.'],
  [/^css\/[\w.-]+\.css$/, '.'],
  [/^frame\/[\w-]+\.(?:html|js|css)$/, 'frame'],
]

/** Otherwise another site could frame the page and show its codes under this site's name. */
const FRAME_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; " +
  "form-action 'none'; frame-ancestors 'self'"

const MISSING = 'To serve the files of CivicJS, install them: npm i civic-js'

/**
 * The folder of civic-js's files, resolved from this file or from one that a test names; undefined if civic-js is not
 * installed.
 */
export function civicJsFolder(from: string = import.meta.url): string | undefined {
  try {
    return join(dirname(createRequire(from).resolve('civic-js/package.json')), 'dist')
  } catch {
    return undefined
  }
}

/**
 * A file of CivicJS, so that a site needs no other server.
 *
 * @param path below the mount, such as `js/civic.sip.min.js`
 * @returns undefined for any other path
 */
export async function civicJsFile(path: string, folder: string | undefined): Promise<Reply | undefined> {
  const name = path.endsWith('/') ? `${path}index.html` : path
  const place = PLACES.find(([pattern]) => pattern.test(name))
  if (!place) return undefined
  if (folder === undefined) return text(404, MISSING)
  const base = name.slice(name.indexOf('/') + 1)
  const file = join(folder, place[1], base)
  const found = await stat(file).catch(() => undefined)
  if (!found?.isFile()) return undefined
  const type = String(TYPES[base.slice(base.lastIndexOf('.') + 1)])
  const headers = {
    'Cache-Control': 'public, max-age=300',
    ...(base.endsWith('.html') && { 'Content-Security-Policy': FRAME_POLICY }),
  }
  return { status: 200, body: await readFile(file), type, headers }
}
