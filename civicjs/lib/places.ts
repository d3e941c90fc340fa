import { originOf } from './origin.ts'

/** The server that this library belongs to. */
export interface Places {
  /** Base of the API, with a slash at its end. */
  api: string
  /** Base of the iframe pages, with a slash at its end; `{stage}/index.html` follows. */
  frames: string
}

const production: Places = {
  api: 'https://api.civic.com/sip/',
  frames: 'https://hosted-sip.civic.com/scopeRequest/',
}

/**
 * Only a URL that ends in the library's file names tells which server it belongs to. A bundle or a renamed copy can
 * come from anywhere.
 */
const ownFile =
  /^(https?:\/\/[^/?#]+[^?#]*?)(?:\/sip)?\/(?:js\/civic\.sip(?:\.min|-v0\.1)\.js|css\/civic-modal(?:\.min)?\.css)(?:[?#]|$)/

/**
 * The server of the library's script, otherwise of its style sheet. Prefers another origin to the page's, whose files
 * may be copies.
 * @param script the absolute URL of the script; empty if it has none
 * @param styleSheets the absolute URLs of the page's style sheets
 * @param page the origin of the page
 */
export function placesOf(script: string, styleSheets: readonly string[], page: string): Places | undefined {
  const urls = [script].concat(styleSheets).filter((url) => ownFile.test(url))
  const url = urls.filter((candidate) => originOf(candidate) !== page).concat(urls)[0]
  const base = url === undefined ? undefined : ownFile.exec(url)?.[1]
  if (base === undefined) return undefined
  if (base === 'https://hosted-sip.civic.com') return production
  return { api: `${base}/sip/`, frames: `${base}/scopeRequest/` }
}

/**
 * The URL of the running script; empty for a bundled module and on a server. Call this while the script first runs:
 * later, no browser can tell.
 */
export function ownSource(): string {
  if (typeof document === 'undefined') return ''
  if ('currentScript' in document) {
    const script = document.currentScript
    return script !== null && 'src' in script ? script.src : ''
  }
  // Internet Explorer 11: the last of our tags is the one that runs
  const scripts = (document as Document).getElementsByTagName('script')
  for (let i = scripts.length - 1; i >= 0; i--) {
    const src = scripts[i]?.src ?? ''
    if (ownFile.test(src)) return src
  }
  return ''
}

/** The style sheets that the page links, by their absolute URLs. */
export function linkedStyleSheets(): string[] {
  const links = document.getElementsByTagName('link')
  const urls: string[] = []
  for (let i = 0; i < links.length; i++) urls.push(links[i]?.href ?? '')
  return urls
}

/** `url` as an absolute URL, resolved against the page. */
export function absolute(url: string): string {
  const link = document.createElement('a')
  link.href = url
  return link.href
}

/** The address of the iframe page, with the app's id. */
export function withAppId(url: string, appId: string): string {
  if (appId === '') return url
  const [address = '', hash] = url.split('#')
  const query = `${address.indexOf('?') < 0 ? '?' : '&'}appId=${encodeURIComponent(appId)}`
  return address + query + (hash === undefined ? '' : `#${hash}`)
}

/**
 * Removes `uuid` from the page's address and returns its value, `{uuid}` or `{uuid}.{response code}`, so that it is not
 * passed on, bookmarked or reloaded.
 */
export function takeUuidFromAddress(): string | undefined {
  const { pathname, search, hash } = window.location
  let uuid: string | undefined
  const rest = search
    .slice(1)
    .split('&')
    .filter((part) => {
      const match = /^uuid(?:=(.*))?$/.exec(part)
      if (match === null) return true
      uuid ??= match[1] ?? ''
      return false
    })
  if (uuid === undefined) return undefined
  const query = rest.length > 0 ? `?${rest.join('&')}` : ''
  window.history.replaceState(window.history.state, document.title, pathname + query + hash)
  return uuid
}

/** The uuid in `{uuid}.{response code}`. */
export function uuidOf(brought: string): string {
  return brought.replace(/\..*$/, '')
}
