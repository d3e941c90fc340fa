import type { Middleware } from 'civic-sip-server'

/** The other spellings of `localhost` in a `Host` header. */
const SAME = /^(?:127\.0\.0\.1|\[::1\])(?::\d+)?$/

/**
 * Leads pages that are opened at an address of this machine to `localhost`, where a page of theirs is one origin
 * with the rest, and passkeys work. A frame stays: the page around it knows it by its address.
 *
 * @param url of the server that this runs on
 */
export function toLocalhost(url: string): Middleware {
  if (new URL(url).hostname !== 'localhost') return (_req, _res, next) => next()
  return ({ method, url: path = '', headers }, res, next) => {
    const isPage = method === 'GET' && headers['sec-fetch-dest'] === 'document'
    if (!isPage || !SAME.test(headers.host ?? '') || !path.startsWith('/')) next()
    else res.writeHead(307, { Location: url + path, 'Cache-Control': 'no-store' }).end()
  }
}
