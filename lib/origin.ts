import type { Socket } from 'node:net'

/** What is read of a request: Express 4 and 5, Connect, NestJS and Fastify requests all fit. */
export interface RequestLike {
  method?: string
  headers: Record<string, string | string[] | undefined>
  body?: unknown
}

/** Express's: whether it trusts this address, so many hops away. */
type TrustsProxy = (address: string | undefined, hop: number) => boolean

/** What frameworks add to it, each under its own name; read with care. */
interface FrameworkRequest extends RequestLike {
  app?: { get?: (name: string) => unknown }
  /** Express and Fastify: as they trust their proxies. */
  protocol?: unknown
  /** Fastify, and Express 5: with the port. Express 4: without it, and deprecated. */
  host?: unknown
  socket?: Partial<Socket> & { encrypted?: boolean }
}

/** `'strict'` demands that the browser says where the request is from. */
export type OriginCheck = boolean | 'strict'

/**
 * Is this request from a page of our own site? Fetch Metadata says so in every current browser; `Origin` in older
 * ones, and over plain http to another machine. Without it, a stranger's page could log a person in as itself
 * (login CSRF, RFC 6749 section 10.12).
 *
 * @param trusted exact origins of other sites that may post here
 */
export function isFromOwnPage(req: RequestLike, check: OriginCheck, trusted: ReadonlySet<string>): boolean {
  if (check === false) return true
  const site = req.headers['sec-fetch-site']
  if (site === 'same-origin') return true
  const { method } = req
  if (method === 'GET' || method === 'HEAD') return false
  const { origin } = req.headers
  const isTrusted = typeof origin === 'string' && trusted.has(origin)
  switch (site) {
    case 'same-site':
    case 'cross-site':
      return isTrusted
    // no page caused it: the person typed an address, which is no POST, or an app's WebView posts
    case 'none':
      return method === 'POST'
    case undefined:
      if (origin === undefined) return check !== 'strict'
      return isTrusted || (typeof origin === 'string' && isOwn(origin, req))
  }
  return false
}

/** Host with port, and scheme; an https page may post to what TLS was taken off of on the way, never the reverse. */
function isOwn(origin: string, req: FrameworkRequest): boolean {
  if (!URL.canParse(origin)) return false
  const url = new URL(origin)
  if (url.origin !== origin) return false
  if (url.protocol !== 'https:' && (url.protocol !== 'http:' || !isPlain(req))) return false
  const own = `${url.protocol}//${host(req) ?? ''}`
  return URL.canParse(own) && new URL(own).host === url.host
}

/** Whether it came without TLS: as the framework sees it through the proxies it trusts. */
function isPlain({ protocol, socket }: FrameworkRequest): boolean {
  return typeof protocol === 'string' ? protocol === 'http' : !socket?.encrypted
}

/** The host that the browser named, with its port: as the framework sees it through the proxies it trusts. */
function host(req: FrameworkRequest): string | undefined {
  const { app, socket, headers } = req
  const trusts = app?.get?.('trust proxy fn') as TrustsProxy | undefined
  if (trusts) {
    const forwarded = headers['x-forwarded-host']
    if (typeof forwarded === 'string' && trusts(socket?.remoteAddress, 0)) return forwarded.split(',')[0]
  } else if (typeof req.host === 'string') {
    return req.host
  }
  const named = headers.host ?? headers[':authority']
  return typeof named === 'string' ? named : undefined
}
