import type { Middleware } from 'civic-sip-server'

/** The other spellings of `localhost` in a `Host` header. */
const SAME = /^(?:127\.0\.0\.1|\[::1\])(?::\d+)?$/

/**
 * Redirects pages at a loopback address to `localhost`, so that all pages have one origin and passkeys work. Frames are
 * not redirected: the page around them knows their address.
 *
 * @param url the server's URL
 */
export function toLocalhost(url: string): Middleware {
  if (new URL(url).hostname !== 'localhost') return (_req, _res, next) => next()
  return ({ method, url: path = '', headers }, res, next) => {
    const isPage = method === 'GET' && headers['sec-fetch-dest'] === 'document'
    if (!isPage || !SAME.test(headers.host ?? '') || !path.startsWith('/')) next()
    else res.writeHead(307, { Location: url + path, 'Cache-Control': 'no-store' }).end()
  }
}
