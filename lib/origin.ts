import type { Socket } from 'node:net'
import { CivicError } from './errors.ts'
import type { CivicErrorReason } from './errors.ts'
import { readHeader } from './headers.ts'
import type { FetchHeaders } from './headers.ts'

/** The parts of a request that are read. Requests of Express 4 and 5, Connect, NestJS, Koa and Fastify have them. */
export interface RequestLike {
  method?: string | undefined
  headers: Record<string, string | string[] | undefined>
  body?: unknown
}

/** A request with a Fetch `Headers`, such as Next.js's and Hono's. */
export interface FetchRequestLike {
  method: string
  headers: FetchHeaders
  body?: unknown
}

export type AnyRequest = RequestLike | FetchRequestLike

/** Express's function: whether it trusts this address, that many hops away. */
type TrustsProxy = (address: string | undefined, hop: number) => boolean

/** What frameworks add to the request, each under its own name. May have any type. */
export type FrameworkRequest = AnyRequest & {
  app?: { get?: (name: string) => unknown }
  /** Koa's context, on the request that koa-passport makes. */
  ctx?: { host?: unknown; state?: object }
  /** Express, Koa and Fastify: as they trust their proxies. */
  protocol?: unknown
  /** Fastify, and Express 5: with the port. Express 4: without it, and deprecated. */
  host?: unknown
  socket?: Partial<Socket> & { encrypted?: boolean }
}

/** `'strict'` demands that the browser says where the request is from. */
export type OriginCheck = boolean | 'strict'

/**
 * Checks that a request is from a page of this site. Current browsers say so with Fetch Metadata; older ones, and all
 * over plain http to another machine, with `Origin`. Without this check, an attacker's page could log a person in as
 * the attacker (login CSRF, RFC 6749 section 10.12).
 *
 * @param trusted exact origins of other sites that may post here
 * @returns the refusal, or undefined if the request passes
 * @throws TypeError if method or headers cannot be read
 */
export function crossOrigin(
  req: AnyRequest,
  check: OriginCheck,
  trusted: ReadonlySet<string>,
): CivicError | undefined {
  if (check === false) return undefined
  const site = readHeader(req.headers, 'sec-fetch-site')
  if (site === 'same-origin') return undefined
  const method = methodOf(req)
  if (method === 'GET' || method === 'HEAD') return refused('method')
  const origin = readHeader(req.headers, 'origin')
  const isTrusted = typeof origin === 'string' && trusted.has(origin)
  switch (site) {
    case 'same-site':
    case 'cross-site':
      return isTrusted ? undefined : refused('site')
    // No page caused it: the person typed an address, which is not a POST, or an app's WebView posts
    case 'none':
      return method === 'POST' ? undefined : refused('site')
    case undefined:
      if (origin === undefined) return check === 'strict' ? refused('unstated') : undefined
      return isTrusted || (typeof origin === 'string' && isOwn(origin, req)) ? undefined : refused('origin')
  }
  return refused('site')
}

function refused(reason: CivicErrorReason): CivicError {
  return new CivicError(
    'CIVIC_CROSS_ORIGIN',
    "The request is not from one of this site's own pages (trustedOrigins lists others)",
    { reason },
  )
}

/** In capitals. A missing method must not pass for a POST. */
function methodOf({ method }: AnyRequest): string {
  if (typeof method !== 'string') throw new TypeError('req.method must be a string, such as POST')
  return method.toUpperCase()
}

/**
 * Compares host, port and scheme. If a proxy ends TLS, an https page posts to what looks like http; the reverse is
 * refused.
 */
function isOwn(origin: string, req: FrameworkRequest): boolean {
  if (!URL.canParse(origin)) return false
  const url = new URL(origin)
  if (url.origin !== origin) return false
  if (url.protocol !== 'https:' && (url.protocol !== 'http:' || !isPlain(req))) return false
  const own = `${url.protocol}//${host(req) ?? ''}`
  return URL.canParse(own) && new URL(own).host === url.host
}

/** Whether the request came without TLS, as the framework determines through the proxies that it trusts. */
function isPlain({ protocol, socket }: FrameworkRequest): boolean {
  return typeof protocol === 'string' ? protocol === 'http' : !socket?.encrypted
}

/** The browser's host with its port, as the framework determines it through the proxies that it trusts. */
function host(req: FrameworkRequest): string | undefined {
  const { app, ctx, socket, headers } = req
  if (typeof ctx?.host === 'string') return ctx.host
  const trusts = app?.get?.('trust proxy fn')
  if (typeof trusts === 'function') {
    const forwarded = readHeader(headers, 'x-forwarded-host')
    const isTrusted = (trusts as TrustsProxy)(socket?.remoteAddress, 0)
    if (typeof forwarded === 'string' && isTrusted) return forwarded.split(',')[0]
  } else if (typeof req.host === 'string') {
    return req.host
  }
  // HTTP/2 calls it `:authority`, for which a Fetch `Headers` throws
  const named = readHeader(headers, 'host') ?? (headers as RequestLike['headers'])[':authority']
  return typeof named === 'string' ? named : undefined
}

/**
 * An origin as browsers write it (RFC 6454 section 6.2). URL gives `null` for unknown schemes, so these are
 * `scheme://host` literally.
 */
export function isOrigin(value: unknown): boolean {
  if (typeof value !== 'string' || value.includes('*') || !URL.canParse(value)) return false
  const { origin, protocol, host } = new URL(value)
  return origin === 'null' ? host !== '' && `${protocol}//${host}` === value : origin === value
}
