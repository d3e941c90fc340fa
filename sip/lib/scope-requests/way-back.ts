import { HttpError } from '../http/http.ts'
import type { ScopeRequest } from './scope-request.ts'

const MAX_LENGTH = 2000

/**
 * Where a person who approved on the device that asked goes on: the site's page, with the uuid by which CivicJS takes
 * the request up again. It leads to exactly the origin that was proved when the request was made, whatever was sent.
 *
 * @param url the page's address
 * @throws HttpError 400 if it is no page of that origin
 */
export function returnUrl({ uuid, requester }: ScopeRequest, url: unknown): string {
  const page = typeof url === 'string' && url.length <= MAX_LENGTH ? parseUrl(url) : undefined
  if (page?.origin !== requester.origin || page.username !== '' || page.password !== '') {
    throw new HttpError(400, 'url: the address of a page of the site that asked, at most 2000 characters')
  }
  // Not by searchParams, which would write the rest of the query anew, in its own way.
  const others = page.search
    .slice(1)
    .split('&')
    .filter((part) => part !== '' && !/^uuid(?:=|$)/.test(part))
  page.search = [...others, `uuid=${uuid}`].join('&')
  return page.href
}

/** @returns where to, if the person can go back at all: a link was followed, and from a page */
export function wayBack(request: ScopeRequest): string | undefined {
  const { channel, requester, returnUrl: told } = request
  if (channel !== 'link' || !/^https?:/.test(requester.origin)) return undefined
  return told ?? returnUrl(request, `${requester.origin}/`)
}

function parseUrl(url: string): URL | undefined {
  return URL.canParse(url) ? new URL(url) : undefined
}
