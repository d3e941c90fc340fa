import type { CheckedRequest } from './request.ts'

/** Whether a URL has the origin that the person saw: the site's, or that of the page that a SIP named. */
export function isWayBack(uri: unknown, { origin, data }: CheckedRequest): uri is string {
  if (typeof uri !== 'string' || !URL.canParse(uri)) return false
  const url = new URL(uri)
  const shown = data.clientId === origin ? origin : data.requester.origin
  return (url.protocol === 'https:' || url.protocol === 'http:') && url.origin === shown
}
