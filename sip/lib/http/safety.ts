import type { Request, RequestHandler, Response } from 'express'
import { HttpError, InputError } from './http.ts'
import { cspSources, HOST } from '../apps/allowed-domains.ts'

/**
 * Any web page that a developer visits can send requests to loopback. These checks keep it out: it cannot choose the
 * Host header without DNS rebinding, cannot claim to be same-origin, cannot frame pages that forbid it, and cannot
 * inject into pages that run no inline script.
 */

/**
 * Refuses requests with an unknown `Host`, as after DNS rebinding. 421 is "Misdirected Request" (RFC 9110, section
 * 15.5.20).
 *
 * @param hosts the server's host names
 * @throws InputError if one of them is not a host name
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
 * Allows requests from the server's own pages and from programs. A page cannot forge `Sec-Fetch-Site`; browsers leave
 * it out on plain http to another machine, and then `Origin` decides.
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
 * Allows calls from pages of every origin without credentials, and responds to preflights.
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

/** The origin at which the caller reached the server. `checkHost` has checked the Host. */
export function ownOrigin(req: Request): string {
  return `${req.protocol}://${req.headers.host ?? ''}`
}

/** The origin at which the caller knows the server. Wallets get it, and sign it. */
export type OriginOf = (req: Request) => string

/**
 * The server's main origin, or another one of its names if the caller used that, as a phone or a container must.
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
 * The wallet's URL, with the host name that the caller used, if that is not the server's main one.
 * @param walletUrl undefined if this server does not serve the wallet
 * @param url the server's own origin
 */
export function walletAt(walletUrl: string | undefined, url: string): OriginOf {
  const originOf = originAt(url)
  return (req) => {
    if (walletUrl === undefined) return `${ownOrigin(req)}/wallet`
    const reached = new URL(originOf(req))
    // A proxy that ends TLS serves only one port
    if (reached.origin === url || reached.protocol === 'https:') return walletUrl
    return Object.assign(new URL(walletUrl), { hostname: reached.hostname }).href.replace(/\/$/, '')
  }
}

/** Headers for every response. `allowFraming` relaxes them for a page. */
export const secureHeaders: RequestHandler = (_req, res, next) => {
  res.set({
    'Content-Security-Policy': policy("'none'"),
    'X-Content-Type-Options': 'nosniff',
    // Not no-referrer, with which a form's POST has `Origin: null`.
    'Referrer-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Cache-Control': 'no-store',
  })
  next()
}

/** Lets only pages on the allowed domains frame the response. */
export function allowFraming(res: Response, whitelist: readonly string[]): void {
  const sources = cspSources(whitelist)
  res.set('Content-Security-Policy', policy(sources.length > 0 ? sources.join(' ') : "'none'"))
}

/** Lets a page of the server frame another one. */
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

/** @throws InputError unless it is a host name */
export function parseHostName(name: unknown): string {
  if (typeof name === 'string' && HOST.test(name.toLowerCase())) return name.toLowerCase()
  throw new InputError('allowHosts: host names, such as sip.example.test, without scheme and port')
}

function hostnameOf(host: string): string {
  return host.toLowerCase().replace(/:\d+$/, '')
}
