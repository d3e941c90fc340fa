import { configError } from './config-error.ts'
import type { Settings } from './settings.ts'
import { fieldsOf, textOf } from './messages.ts'
import type { Failure } from './messages.ts'
import { originOf } from './origin.ts'
import { absolute } from './places.ts'
import { post } from './request.ts'
import { wireName } from './scope.ts'
import type { Scope } from './scope.ts'

/** The Direct option, where the page's own server asks the wallet: its routes, and how a login is finished. */
export interface Direct {
  /** Where the site has `direct.routes`, absolute, without a slash at its end. */
  url: string
  /** Whether the person types the code that the wallet shows. */
  confirm: boolean
}

/**
 * @param mount where the site has `direct.routes`
 * @throws Error `config-invalid-direct` for another origin than the page's: its cookie would not go there
 */
export function directSettings(mount: string, confirm: boolean, hideIntro: boolean): Settings {
  const url = absolute(mount).replace(/\/+$/, '')
  if (mount === '' || originOf(url) !== originOf(absolute('/'))) {
    throw configError(
      'config-invalid-direct',
      "direct is a path of this site, as direct.routes has it: '/civic'",
    )
  }
  const requestUrl = `${url}/start`
  return { appId: '', requestUrl, frameUrl: `${url}/frame/index.html`, hideIntro, direct: { url, confirm } }
}

/**
 * What the options of `signup` ask a Direct site for: a scope request, or what the site names first.
 * @throws TypeError for labels, which only a SIP takes
 */
export function directScopeOf(options: unknown): Scope {
  const { scopeRequest, scopeRequests } = fieldsOf(options)
  if (scopeRequests !== undefined) {
    throw new TypeError(
      'Direct requests are named: give signup() a scopeRequest that the site makes, not labels',
    )
  }
  const name = textOf(scopeRequest)
  return name === '' ? {} : { verificationLevel: wireName(name) }
}

/** Makes a request at the site's own server. */
export function startDirect(
  url: string,
  { verificationLevel }: Scope,
  channel: unknown,
  done: (answer: unknown) => void,
  failed: (failure: Failure) => void,
): () => void {
  const fields = { channel: channel === 'link' ? channel : 'scan', scopeRequest: verificationLevel }
  const request = { url, type: 'application/json', body: JSON.stringify(fields), who: 'The site' }
  return post(request, done, failed)
}

/** What a wallet on this device brings back in the address. */
export interface Returned {
  uuid: string
  responseCode: string
}

/**
 * Takes both out of the page's address, before any other script can read, keep or send them. To be called while
 * the script first runs.
 */
export function takeReturned(): Returned | undefined {
  // Servers that render pages have no window, or one without an address
  const location = typeof window === 'undefined' ? undefined : (window.location as Location | undefined)
  if (location === undefined) return undefined
  const { pathname, search, hash } = location
  const match = /^#uuid=([0-9a-f-]{36})&response_code=([\w-]+)$/.exec(hash)
  if (match === null) return undefined
  window.history.replaceState(window.history.state, document.title, pathname + search)
  return { uuid: match[1] ?? '', responseCode: match[2] ?? '' }
}
