import { HttpError } from '../http/http.ts'
import type { ScopeRequest } from './scope-request.ts'

const MAX_LENGTH = 2000

/** Where a page may be to which a wallet leads back: at one of these paths, or at any. */
export type ReturnPaths = readonly string[] | 'any'

/**
 * Where a person who approved on the device that asked goes on: a page of the site. It is of exactly the origin that
 * was proved when the request was made, whatever was sent, and at a path that the app registered; of another path it
 * becomes the app's first.
 *
 * @param url the page's address
 * @throws HttpError 400 if it is no page of that origin
 */
export function returnUrl(origin: string, url: unknown, paths: ReturnPaths): string {
  const page = typeof url === 'string' && url.length <= MAX_LENGTH ? parseUrl(url) : undefined
  if (page?.origin !== origin || page.username !== '' || page.password !== '') {
    throw new HttpError(400, 'url: the address of a page of the site that asked, at most 2000 characters')
  }
  if (paths === 'any') return page.href
  return paths.includes(page.pathname) ? origin + page.pathname : firstReturnUrl(origin, paths)
}

/** The page where nobody says another. */
export function firstReturnUrl(origin: string, paths: ReturnPaths): string {
  const [first = '/'] = paths === 'any' ? [] : paths
  return origin + first
}

/**
 * @returns where to, if the person can go back at all: a link was followed, and from a page. The page gets the uuid by
 *   which CivicJS takes the request up again, with the response code where there is one
 */
export function wayBack({ channel, uuid, confirmCode, returnUrl: to }: ScopeRequest): string | undefined {
  if (channel !== 'link' || to === undefined) return undefined
  const page = new URL(to)
  // Not by searchParams, which would write the rest of the query anew, in its own way.
  const others = page.search
    .slice(1)
    .split('&')
    .filter((part) => part !== '' && !/^uuid(?:=|$)/.test(part))
  const value = confirmCode === undefined ? uuid : `${uuid}.${confirmCode}`
  page.search = [...others, `uuid=${value}`].join('&')
  return page.href
}

function parseUrl(url: string): URL | undefined {
  return URL.canParse(url) ? new URL(url) : undefined
}
