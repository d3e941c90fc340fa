import type { RequestHandler } from 'express'
import { Refusal } from './problems.ts'

/**
 * The path of this site to continue to, or undefined if it is not one: a link with a `returnTo` must not lead to
 * another site.
 */
export function localPath(wanted: unknown): string | undefined {
  if (typeof wanted !== 'string' || !wanted.startsWith('/')) return undefined
  const base = 'http://site.invalid'
  if (!URL.canParse(wanted, base)) return undefined
  const { origin, pathname, search } = new URL(wanted, base)
  // Browsers read two slashes as the start of a host, and normalise `/.//host` to that
  return origin === base && !pathname.startsWith('//') ? pathname + search : undefined
}

/**
 * Refuses changes that another site's page requests on behalf of the person who is logged in (CSRF). Forms need no
 * token: browsers say where a request comes from, and a request that does not say is not from a browser. The session
 * cookie's SameSite=Lax is a second defence; alone it would allow pages of sibling domains.
 */
export const ownPagesOnly: RequestHandler = (req, _res, next) => {
  const site = req.get('sec-fetch-site')
  const origin = req.get('origin')
  const isSafe = ['GET', 'HEAD', 'OPTIONS'].includes(req.method)
  // Browsers without Fetch Metadata send Origin. Only hosts are compared, because a proxy may end https
  const isOwn = site === undefined ? !origin || hostOf(origin) === req.host : site === 'same-origin'
  next(isSafe || isOwn ? undefined : new Refusal('FOREIGN_REQUEST'))
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined
}
