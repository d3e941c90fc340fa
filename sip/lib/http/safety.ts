import type { Request, RequestHandler, Response } from 'express'
import { HttpError, InputError } from './http.ts'
import { cspSources, HOST } from '../apps/allowed-domains.ts'

/**
 * Every web page that a developer visits can send requests to loopback. What keeps such a page out of the
 * server: it cannot choose the Host header unless it rebinds DNS, cannot claim to be same-origin, cannot
 * frame what forbids it, and cannot inject into pages that run no inline script.
 */

/**
 * Refuses requests whose `Host` is not one that the server was told to use: the mark of DNS rebinding. 421 is
 * "Misdirected Request" (RFC 9110, section 15.5.20).
 *
 * @param hosts the names by which the server is reached
 * @throws InputError if one of them is no host name
 */
export function checkHost(hosts: readonly string[]): RequestHandler {
  const known = new Set(hosts.map(parseHostName))
  return (req, _res, next) => {
    if (!known.has(hostnameOf(req.headers.host ?? ''))) {
      throw new HttpError(
        421,
        'the server does not answer to this Host: use its own URL, or allow the name (--allow-host NAME, allowHosts)',
      )
    }
    next()
  }
}

/**
 * Lets through what one of the server's own pages sent, or no browser at all. `Sec-Fetch-Site` cannot be
 * forged by a page; browsers leave it out on plain http to another machine, and then `Origin` decides.
 */
export const sameOriginOnly: RequestHandler = (req, _res, next) => {
  const site = req.get('sec-fetch-site')
  const origin = req.get('origin')
  const isOwn =
    site === undefined ? origin === undefined || origin === ownOrigin(req) : site === 'same-origin'
  if (!isOwn) throw new HttpError(403, 'another site may not do this: use the page of the server itself')
  next()
}

/**
 * Lets pages of every origin call, with no cookie or other credential, and answers the question that browsers ask
 * first.
 */
export function fromAnywhere(...methods: readonly string[]): RequestHandler {
  return (req, res, next) => {
    res.set({ 'Access-Control-Allow-Origin': '*', 'Cross-Origin-Resource-Policy': 'cross-origin' })
    if (req.method !== 'OPTIONS') {
      next()
      return
    }
    res.set({
      'Access-Control-Allow-Methods': methods.join(', '),
      'Access-Control-Allow-Headers': 'Content-Type',
      'Access-Control-Max-Age': '300',
    })
    res.sendStatus(204)
  }
}

/** The origin under which the caller reached the server; `checkHost` proved the Host. */
export function ownOrigin(req: Request): string {
  return `${req.protocol}://${req.headers.host ?? ''}`
}

/** Under which origin the server is known to those who call: what wallets are told, and sign. */
export type OriginOf = (req: Request) => string

/**
 * The server's own origin, except where it was reached by another of its names, which a phone or a container has to
 * use as well.
 * @param url the server's own origin
 */
export function originAt(url: string): OriginOf {
  const own = new URL(url).hostname
  return (req) => {
    const name = hostnameOf(req.headers.host ?? '')
    return name === own ? url : ownOrigin(req)
  }
}

/**
 * Where people open a wallet: at the name by which they reached the server, if that is not its own.
 * @param walletUrl undefined where this server has no wallet, and only leads to one
 * @param url the server's own origin
 */
export function walletAt(walletUrl: string | undefined, url: string): OriginOf {
  const originOf = originAt(url)
  return (req) => {
    if (walletUrl === undefined) return `${ownOrigin(req)}/wallet`
    const reached = new URL(originOf(req))
    // A proxy that ends TLS stands in front of one port
    if (reached.origin === url || reached.protocol === 'https:') return walletUrl
    return Object.assign(new URL(walletUrl), { hostname: reached.hostname }).href.replace(/\/$/, '')
  }
}

/** Headers for everything that the server serves. Pages open them up by `allowFraming`. */
export const secureHeaders: RequestHandler = (_req, res, next) => {
  res.set({
    'Content-Security-Policy': policy("'none'"),
    'X-Content-Type-Options': 'nosniff',
    // Not no-referrer, which would turn the Origin of a form's POST into null.
    'Referrer-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Cache-Control': 'no-store',
  })
  next()
}

/** Lets pages on the allowed domains, and no others, put the answer into an iframe. */
export function allowFraming(res: Response, whitelist: readonly string[]): void {
  const sources = cspSources(whitelist)
  res.set('Content-Security-Policy', policy(sources.length > 0 ? sources.join(' ') : "'none'"))
}

/** Lets a page of the server show another one in an iframe. */
export function allowOwnFrames(res: Response): void {
  res.set('Content-Security-Policy', `${policy("'none'")}; frame-src 'self'`)
}

function policy(frameAncestors: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    `frame-ancestors ${frameAncestors}`,
  ].join('; ')
}

/** @throws InputError unless it is one */
export function parseHostName(name: unknown): string {
  if (typeof name === 'string' && HOST.test(name.toLowerCase())) return name.toLowerCase()
  throw new InputError('allowHosts: host names, such as sip.example.test, without scheme and port')
}

function hostnameOf(host: string): string {
  return host.toLowerCase().replace(/:\d+$/, '')
}
