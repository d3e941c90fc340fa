import type { RequestHandler } from 'express'
import { Refusal } from './problems.ts'

/**
 * The path of our own that somebody wants to go on to, or undefined if it is no such path: a link with a `returnTo` must not
 * lead to another site.
 */
export function localPath(wanted: unknown): string | undefined {
  if (typeof wanted !== 'string' || !wanted.startsWith('/')) return undefined
  const base = 'http://site.invalid'
  if (!URL.canParse(wanted, base)) return undefined
  const { origin, pathname, search } = new URL(wanted, base)
  // A browser takes two slashes for the start of a host; `/.//host` comes to that once it is normalised
  return origin === base && !pathname.startsWith('//') ? pathname + search : undefined
}

/**
 * Refuses changes that another site's page asks for in the name of the person who is logged in here (CSRF). It needs no
 * token in each form: browsers say where a request comes from, and what says nothing is no browser. The session
 * cookie's SameSite=Lax stands behind it; alone it would let in pages of sibling domains.
 */
export const ownPagesOnly: RequestHandler = (req, _res, next) => {
  const site = req.get('sec-fetch-site')
  const origin = req.get('origin')
  const isSafe = ['GET', 'HEAD', 'OPTIONS'].includes(req.method)
  // Browsers without Fetch Metadata send the origin; a proxy may have taken https off, so hosts are compared
  const isOwn = site === undefined ? !origin || hostOf(origin) === req.host : site === 'same-origin'
  next(isSafe || isOwn ? undefined : new Refusal('FOREIGN_REQUEST'))
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined
}
