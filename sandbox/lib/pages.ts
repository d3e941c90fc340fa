import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import express, { Router, type Response } from 'express'
import { type Apps, environmentOf } from './apps.ts'
import { HttpError } from './http.ts'
import { allowFraming } from './safety.ts'

const FOLDER = fileURLToPath(new URL('browser', import.meta.url))
/** The names by which sites of Civic's time link the library and its style sheet. */
const LIBRARY = [
  '/js/civic.sip.min.js',
  '/js/civic.sip-v0.1.js',
  '/css/civic-modal.min.css',
  '/css/civic-modal.css',
  '/sip/js/civic.sip.min.js',
  '/sip/css/civic-modal.min.css',
]

/**
 * What browsers load, from the bundles in `browser/`: CivicJS for the sites' own pages, and the sandbox's pages,
 * each a folder whose `index.html` names the others by relative addresses.
 */
export function pageRoutes(apps: Apps): Router {
  const router = Router()
  for (const path of LIBRARY) {
    router.get(path, (_req, res) => {
      res.set({ 'Cross-Origin-Resource-Policy': 'cross-origin', 'Access-Control-Allow-Origin': '*' })
      send(res, '', basename(path), 'public, max-age=300')
    })
  }

  router.get('/scopeRequest/:stage/index.html', (req, res) => {
    environmentOf(req.params.stage)
    const app = apps.find(req.query['appId'])
    if (!app)
      throw new HttpError(404, 'appId: there is no such app; copy it from the dashboard of the sandbox')
    allowFraming(res, app.whitelist)
    send(res, 'frame', 'index.html')
  })
  router.get('/scopeRequest/:stage/:file', (req, res) => send(res, 'frame', req.params.file))

  for (const [path, folder] of [
    ['/', 'dashboard'],
    ['/wallet', 'wallet'],
  ] as const) {
    router.get(path, (_req, res) => {
      res.set('Cross-Origin-Opener-Policy', 'same-origin')
      send(res, folder, 'index.html')
    })
    router.use(`/${folder}`, express.static(join(FOLDER, folder), { index: false, redirect: false }))
  }
  return router
}

/** Answers 304 to a browser that has the file already. */
function send(res: Response, folder: string, file: string, cacheControl = 'no-cache'): void {
  res.sendFile(file, {
    root: join(FOLDER, folder),
    cacheControl: false,
    headers: { 'Cache-Control': cacheControl },
  })
}
