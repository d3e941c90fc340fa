import { InputError } from '../http/http.ts'
import { EXPECTED } from './expected.ts'

/**
 * An app's domain white list. An entry is an origin (`https://shop.example.org:8443`), also of a native app
 * (`capacitor://localhost`), or a bare host name (`shop.example.org`, `localhost`), which stands for http and https and
 * every port of exactly that host.
 */

/** Schemes whose origins have a port, and schemes of pages without an origin. */
const NOT_OF_APPS = ['http', 'https', 'ws', 'wss', 'ftp', 'file', 'data', 'blob', 'javascript', 'about']
/** A host name or an address, in the form that browsers use. */
export const HOST =
  /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$|^\[[0-9a-f:.]+\]$/

/**
 * @returns the entries in the form that browsers send, without duplicates
 * @throws InputError that names the entry and says what is wrong with it
 */
export function parseWhitelist(entries: unknown): string[] {
  if (!Array.isArray(entries)) throw new InputError(`whitelist: ${EXPECTED.whitelist}`)
  return [...new Set(entries.map((entry: unknown) => parseEntry(entry)))]
}

/** Whether the list allows this `Origin`. */
export function allowsOrigin(whitelist: readonly string[], origin: string): boolean {
  return entriesFor(origin).some((entry) => whitelist.includes(entry))
}

/** The entries that allow a page of this `Origin`. */
export function entriesFor(origin: string): readonly string[] {
  if (isAppOrigin(origin)) return [origin]
  const url = parseUrl(origin)
  // An Origin header is exactly an origin; `null` and a page's address are not.
  return url?.origin === origin ? [origin, url.hostname] : []
}

/** The host of an entry, or of an origin. */
export function hostOf(entry: string): string {
  if (/^https?:\/\//.test(entry)) return new URL(entry).hostname
  return entry.replace(/^.*?:\/\//, '')
}

/** The list as sources of a content security policy, without duplicates. */
export function cspSources(whitelist: readonly string[]): string[] {
  return [...new Set(whitelist)].flatMap((entry) =>
    entry.includes('://') ? [entry] : [`http://${entry}:*`, `https://${entry}:*`],
  )
}

function parseEntry(entry: unknown): string {
  if (typeof entry !== 'string') throw new InputError('whitelist: each entry is a string')
  const text = entry.trim().toLowerCase()
  if (!text.includes('://')) {
    if (!HOST.test(text)) {
      throw new InputError(
        `whitelist: ${quote(entry)} is neither a host name (shop.example.org) nor an origin ` +
          '(https://shop.example.org:8443); a port needs its scheme in front',
      )
    }
    return text
  }
  if (isAppOrigin(text)) return text
  const url = parseUrl(text)
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:') || !HOST.test(url.hostname)) {
    throw new InputError(`whitelist: ${quote(entry)} is not an http or https origin`)
  }
  if (url.href !== `${url.origin}/` || text.endsWith('?') || text.endsWith('#')) {
    throw new InputError(
      `whitelist: ${quote(entry)} is more than an origin: leave out user, path, query and fragment (${url.origin})`,
    )
  }
  return url.origin
}

/**
 * The origin of a native app or a browser extension, such as `capacitor://localhost`. It is `scheme://host`, compared
 * literally, since URL gives `null` for all of these.
 */
function isAppOrigin(text: string): boolean {
  const [, scheme, host = ''] = /^([a-z][a-z0-9+.-]*):\/\/([^/]*)$/.exec(text) ?? []
  return scheme !== undefined && !NOT_OF_APPS.includes(scheme) && HOST.test(host)
}

function parseUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined
}

function quote(entry: string): string {
  return JSON.stringify(entry.slice(0, 100))
}
