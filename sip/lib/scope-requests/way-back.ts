import { HttpError } from '../http/http.ts'
import type { ScopeRequest } from './scope-request.ts'

const MAX_LENGTH = 2000

/** The paths to which a wallet may return; `any`: every path. */
export type ReturnPaths = readonly string[] | 'any'

/**
 * The page where a person who approved on the same device continues. Its origin is always the one that was checked when
 * the request was made, and its path is one that the app registered; any other path becomes the app's first.
 *
 * @param url the page's address
 * @throws HttpError 400 if it is not a page of that origin
 */
export function returnUrl(origin: string, url: unknown, paths: ReturnPaths): string {
  const page = typeof url === 'string' && url.length <= MAX_LENGTH ? parseUrl(url) : undefined
  if (page?.origin !== origin || page.username !== '' || page.password !== '') {
    throw new HttpError(400, 'url: the address of a page of the site that asked, at most 2000 characters')
  }
  if (paths === 'any') return page.href
  return paths.includes(page.pathname) ? origin + page.pathname : firstReturnUrl(origin, paths)
}

/** The default page. */
export function firstReturnUrl(origin: string, paths: ReturnPaths): string {
  const [first = '/'] = paths === 'any' ? [] : paths
  return origin + first
}

/**
 * @returns the URL to return to, if the person followed a link from a page. It has the uuid with which CivicJS resumes
 *   the request, and the response code if there is one
 */
export function wayBack({ channel, uuid, confirmCode, returnUrl: to }: ScopeRequest): string | undefined {
  if (channel !== 'link' || to === undefined) return undefined
  const page = new URL(to)
  // Not with searchParams, which would re-encode the rest of the query.
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
