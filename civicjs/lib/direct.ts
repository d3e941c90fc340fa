import { configError } from './config-error.ts'
import type { Settings } from './settings.ts'
import { fieldsOf, textOf } from './messages.ts'
import type { Failure } from './messages.ts'
import { originOf } from './origin.ts'
import { absolute } from './places.ts'
import { post } from './request.ts'
import { wireName } from './scope.ts'
import type { Scope } from './scope.ts'

/** The Direct option, in which the page's own server asks the wallet: its routes, and how a login is finished. */
export interface Direct {
  /** The absolute URL of `direct.routes`, without a slash at its end. */
  url: string
  /** Whether the person must type the code that the wallet shows. */
  confirm: boolean
}

/**
 * @param mount the path of `direct.routes`
 * @throws Error `config-invalid-direct` for an origin other than the page's, to which its cookie would not go
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
 * The scope request in the options of `signup`; without one, a Direct site asks for its first.
 * @throws TypeError for labels, which only a SIP accepts
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

/** Makes a request at the site's server. */
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

/** What a wallet on this device adds to the address when it returns. */
export interface Returned {
  uuid: string
  responseCode: string
}

/**
 * Removes both from the page's address before another script can read, keep or send them. Call this while the script
 * first runs.
 */
export function takeReturned(): Returned | undefined {
  // On a server that renders pages there is no window, or one without an address
  const location = typeof window === 'undefined' ? undefined : (window.location as Location | undefined)
  if (location === undefined) return undefined
  const { pathname, search, hash } = location
  const match = /^#uuid=([0-9a-f-]{36})&response_code=([\w-]+)$/.exec(hash)
  if (match === null) return undefined
  window.history.replaceState(window.history.state, document.title, pathname + search)
  return { uuid: match[1] ?? '', responseCode: match[2] ?? '' }
}
