import { readFile, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { text } from './http.ts'
import type { Reply } from './http.ts'

const TYPES: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  html: 'text/html; charset=utf-8',
  svg: 'image/svg+xml',
  woff2: 'font/woff2',
}

const FOLDERS = ['js', 'css', 'frame']
const MISSING = 'To serve the files of CivicJS, install them: npm i civic-js'

/** The folder of civic-js's files, found from this file or from one that a test names; undefined if there is none. */
export function civicJsFolder(from: string = import.meta.url): string | undefined {
  try {
    return join(dirname(createRequire(from).resolve('civic-js/package.json')), 'dist')
  } catch {
    return undefined
  }
}

/**
 * A file of CivicJS, so that a site loads nothing from anybody else.
 *
 * @param path below the mount, such as `js/civic.sip.min.js`
 * @returns undefined for a path that is none of theirs
 */
export async function civicJsFile(path: string, folder: string | undefined): Promise<Reply | undefined> {
  const name = path.endsWith('/') ? `${path}index.html` : path
  const match = /^(\w+)\/[\w-]+(?:\.[\w-]+)*\.(\w+)$/.exec(name)
  const [, top = '', extension = ''] = match ?? []
  const type = TYPES[extension]
  if (!FOLDERS.includes(top) || type === undefined) return undefined
  if (folder === undefined) return text(404, MISSING)
  const file = join(folder, name)
  const found = await stat(file).catch(() => undefined)
  if (!found?.isFile()) return undefined
  const headers = { 'Cache-Control': 'public, max-age=300' }
  return { status: 200, body: await readFile(file), type, headers }
}
