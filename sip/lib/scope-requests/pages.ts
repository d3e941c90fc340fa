import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import express, { Router } from 'express'
import type { Request, Response } from 'express'
import { environmentOf } from '../apps/apps.ts'
import type { App, Apps } from '../apps/apps.ts'
import type { FrameTickets } from './frame-tickets.ts'
import { HttpError } from '../http/http.ts'
import { CIVICJS_FILES, DASHBOARD_FILES, FRAME_FILES } from '../http/page-files.ts'
import { allowFraming, allowOwnFrames } from '../http/safety.ts'
import type { OriginOf } from '../http/safety.ts'
import { allowsOrigin } from '../apps/allowed-domains.ts'

/** The paths at which sites of Civic's time link the library and its style sheet. */
const LIBRARY = [
  '/js/civic.sip.min.js',
  '/js/civic.sip-v0.1.js',
  '/css/civic-modal.min.css',
  '/css/civic-modal.css',
  '/sip/js/civic.sip.min.js',
  '/sip/css/civic-modal.min.css',
]

export interface PageParts {
  readonly apps: Apps
  readonly tickets: FrameTickets
  /** The URL where people open a wallet; undefined without one. */
  readonly walletOf?: OriginOf
}

/**
 * The files for browsers: CivicJS for sites' pages, its iframe page and the dashboard. Each is a folder whose
 * `index.html` links the others with relative addresses.
 */
export function pageRoutes({ apps, tickets, walletOf }: PageParts): Router {
  const router = Router()
  for (const path of LIBRARY) {
    router.get(path, (_req, res) => {
      res.set({ 'Cross-Origin-Resource-Policy': 'cross-origin', 'Access-Control-Allow-Origin': '*' })
      send(res, CIVICJS_FILES, basename(path), 'public, max-age=300')
    })
  }

  router.get('/scopeRequest/:stage/index.html', async (req, res) => {
    environmentOf(req.params.stage)
    const { appId } = req.query
    if (asksItself(req)) await sendAsking(req, res, await appOf(apps, appId), tickets)
    else {
      allowFraming(res, await framers(apps, req))
      res.vary('Referer')
      send(res, FRAME_FILES, 'index.html')
    }
  })
  router.get('/scopeRequest/:stage/:file', (req, res) => {
    environmentOf(req.params.stage)
    send(res, FRAME_FILES, req.params.file)
  })
  // The page's folder, and its first address (docs/protocol.md#civicjs-generations)
  router.get('/scopeRequest/:stage', (req, res) => toFramePage(req, res, {}))
  router.get('/sip/:stage/scopeRequest', (req, res) => toFramePage(req, res, { isMobile: 'false' }))

  router.get('/', (_req, res) => {
    // The dashboard's login dialog needs these rules
    allowOwnFrames(res)
    res.set('Cross-Origin-Opener-Policy', 'same-origin')
    send(res, DASHBOARD_FILES, 'index.html')
  })
  if (walletOf) router.get('/wallet', (req, res) => res.redirect(walletOf(req)))
  router.use('/dashboard', express.static(DASHBOARD_FILES, { index: false, redirect: false }))
  return router
}

/**
 * The allowed domains that may show the iframe page. The original CivicJS names no app here. Then it is the page that
 * the browser names, if any app allows that page, because a header has no room for the domains of all apps. The Origin
 * of its QR request is checked later.
 */
async function framers(apps: Apps, req: Request): Promise<readonly string[]> {
  const { appId } = req.query
  if (appId !== undefined) return (await appOf(apps, appId)).whitelist
  const origin = originOf(req.get('referer') ?? '')
  // Some pages hide their address, and the address of a native app has no origin
  return /^https?:/.test(origin) ? apps.allowing(origin) : apps.allowed()
}

async function appOf(apps: Apps, appId: unknown): Promise<App> {
  const app = await apps.find(appId)
  if (!app) throw new HttpError(404, 'appId: there is no such app; copy it from the dashboard')
  return app
}

/**
 * Whether the page around it uses CivicJS of 2017, which puts its options into the address and sends no messages. Then
 * the iframe page requests the QR code itself.
 */
function asksItself({ query }: Request): boolean {
  return ['verificationLevel', 'isMobile', 'api'].some((name) => query[name] !== undefined)
}

/** Sends the iframe page with a ticket; see `FrameTickets`. */
async function sendAsking(req: Request, res: Response, app: App, tickets: FrameTickets): Promise<void> {
  const { appId, whitelist } = app
  const origin = originOf(req.get('referer') ?? '')
  if (origin !== '' && !allowsOrigin(whitelist, origin)) {
    throw new HttpError(403, `${origin.slice(0, 100)} is not an allowed domain of app ${appId}`)
  }
  const page = await readFile(join(FRAME_FILES, 'index.html'), 'utf8')
  allowFraming(res, whitelist)
  res.type('html').send(page.replace('<html', `<html data-ticket="${tickets.issue({ appId, origin })}"`))
}

/**
 * Redirects to the iframe page, with the query and its missing parameters. Uses the browsers' default referrer policy,
 * since this server's usual policy would hide the site's page from the iframe page.
 */
function toFramePage(req: Request<{ stage: string }>, res: Response, lacking: Record<string, string>): void {
  const { stage } = req.params
  environmentOf(stage)
  const given = new URLSearchParams(req.url.split('?', 2)[1])
  const missing = Object.entries(lacking).filter(([name]) => !given.has(name))
  const query = new URLSearchParams([...missing, ...given])
  res.set('Referrer-Policy', 'strict-origin-when-cross-origin')
  res.redirect(`/scopeRequest/${stage}/index.html${query.size > 0 ? `?${query.toString()}` : ''}`)
}

function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : ''
}

/** Responds with 304 to a browser that has the file already. */
function send(res: Response, folder: string, file: string, cacheControl = 'no-cache'): void {
  res.sendFile(file, {
    root: folder,
    cacheControl: false,
    headers: { 'Cache-Control': cacheControl },
  })
}
