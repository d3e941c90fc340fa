import type { ServerResponse } from 'node:http'
import { LedgerUnavailable } from 'civic-attestations'
import { CivicError } from '../errors.ts'
import { crossOrigin } from '../origin.ts'
import { AnswerRefused } from './answer-refused.ts'
import { cookieName, createCookie, readCookie, setCookie } from './cookie.ts'
import { UUID } from './core.ts'
import type { DirectCore } from './core.ts'
import { civicJsFile, civicJsFolder } from './files.ts'
import { isNavigation, PAGE_FOR_PEOPLE } from './for-people.ts'
import { json, readBody, refusal, send } from './http.ts'
import type { Incoming, Reply } from './http.ts'
import { TooMany, unknown } from './refusals.ts'
import { WELL_KNOWN_PATH } from './wire.ts'

/** A Connect handler, which Express, Nest, Polka and Node's server can use. */
export type Handler = (req: Incoming, res: ServerResponse, next: (error?: unknown) => void) => void

/** For wallets, which are pages of other origins. No cookie is read or set for them. */
const CORS = { 'Access-Control-Allow-Origin': '*' }
const RETRY_AFTER = '5'

/** What a path stands for, with its methods. */
type Route = (req: Incoming) => Promise<Reply> | Reply

/**
 * W0, M1, W1, W2, M4, the end of a request whose dialog was closed, and CivicJS's files. Other requests go to the next
 * handler.
 */
export function createRoutes(core: DirectCore): Handler {
  return (req, res, next) => {
    respond(core, req).then(
      (reply) => {
        if (!reply) next()
        else send(req, res, reply)
      },
      (error: unknown) => next(error),
    )
  }
}

async function respond(core: DirectCore, req: Incoming): Promise<Reply | undefined> {
  const [path = ''] = String(req.originalUrl ?? req.url).split('?')
  const routes = routesOf(core, path)
  if (!routes) return fileOf(core, path, req)
  const { method = '' } = req
  if (method === 'OPTIONS' && routes.isPublic) return preflight(routes)
  const route = routes.methods[method === 'HEAD' ? 'GET' : method]
  const headers = routes.isPublic ? CORS : {}
  if (!route) {
    const allow = Object.keys(routes.methods).join(', ')
    return refusal(405, 'METHOD', 'This method is not allowed here', { ...headers, Allow: allow })
  }
  try {
    const reply = await route(req)
    return { ...reply, headers: { ...headers, ...reply.headers } }
  } catch (error) {
    return asReply(error, headers)
  }
}

interface Routes {
  readonly methods: Readonly<Record<string, Route>>
  /** Whether pages of other origins may call it. */
  readonly isPublic: boolean
}

function routesOf(core: DirectCore, path: string): Routes | undefined {
  const { mount, wellKnown } = core.settings
  if (path === WELL_KNOWN_PATH && wellKnown) {
    const cached = { 'Cache-Control': 'public, max-age=300' }
    return { methods: { GET: () => json(200, core.wellKnown(), cached) }, isPublic: true }
  }
  if (!path.startsWith(`${mount}/`)) return undefined
  const [first = '', second, ...more] = path.slice(mount.length + 1).split('/')
  if (first === 'start' && second === undefined) {
    return { methods: { POST: (req) => start(core, req) }, isPublic: false }
  }
  if (!UUID.test(first) || more.length > 0) return undefined
  if (second === undefined) return { methods: { GET: (req) => poll(core, first, req) }, isPublic: false }
  if (second === 'cancel') return { methods: { POST: (req) => cancel(core, first, req) }, isPublic: false }
  if (second !== 'callback') return undefined
  return {
    methods: { GET: (req) => readRequest(core, first, req), POST: (req) => answer(core, first, req) },
    isPublic: true,
  }
}

async function fileOf(
  { settings }: DirectCore,
  path: string,
  { method }: Incoming,
): Promise<Reply | undefined> {
  const { mount } = settings
  if ((method !== 'GET' && method !== 'HEAD') || !path.startsWith(`${mount}/`)) return undefined
  return civicJsFile(path.slice(mount.length + 1), civicJsFolder())
}

function preflight({ methods }: Routes): Reply {
  const headers = {
    ...CORS,
    'Access-Control-Allow-Methods': Object.keys(methods).join(', '),
    'Access-Control-Allow-Headers': 'Content-Type',
    'Access-Control-Max-Age': '600',
  }
  return { status: 204, headers }
}

/** M1. */
async function start(core: DirectCore, req: Incoming): Promise<Reply> {
  const { origin, trustedOrigins } = core.settings
  const refused = crossOrigin(req, 'strict', trustedOrigins)
  if (refused) throw new AnswerRefused(refused.status, refused.code, refused.message)
  const { channel, scopeRequest } = await readBody(req)
  const name = cookieName(origin)
  const known = readCookie(req.headers.cookie, name)
  const browser = known ?? createCookie()
  const started = await core.start(req, channel, scopeRequest, browser)
  // The browser keeps the cookie that it has, so that two tabs work
  return json(201, started, known === undefined ? { 'Set-Cookie': setCookie(name, browser) } : {})
}

/** M4. */
async function poll(core: DirectCore, uuid: string, req: Incoming): Promise<Reply> {
  const browser = readCookie(req.headers.cookie, cookieName(core.settings.origin))
  const polled = browser === undefined ? undefined : await core.poll(uuid, browser)
  if (!polled) throw unknown()
  return json(polled.statusCode, polled)
}

/** The dialog was closed. An unknown request, or another browser's, cannot be ended. */
async function cancel(core: DirectCore, uuid: string, req: Incoming): Promise<Reply> {
  const browser = readCookie(req.headers.cookie, cookieName(core.settings.origin))
  if (browser !== undefined) await core.cancel(uuid, browser)
  return json(200, {})
}

/** W1, or a page for the person who opened the URL in a browser. */
async function readRequest(core: DirectCore, uuid: string, req: Incoming): Promise<Reply> {
  return isNavigation(req.headers) ? FOR_PEOPLE : json(200, await core.readRequest(uuid))
}

const FOR_PEOPLE: Reply = {
  status: 200,
  type: 'text/html; charset=utf-8',
  body: PAGE_FOR_PEOPLE,
  headers: { 'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'" },
}

/** W2. */
async function answer(core: DirectCore, uuid: string, req: Incoming): Promise<Reply> {
  const { answer: jwe } = await readBody(req)
  return json(200, await core.answer(uuid, jwe, req))
}

function asReply(error: unknown, headers: Readonly<Record<string, string>>): Reply {
  if (error instanceof AnswerRefused) {
    const { status, code, message } = error
    const retry = error instanceof TooMany ? { 'Retry-After': String(error.retryAfter) } : {}
    // The rest of a body that is too large is not read, so the connection closes
    const close = status === 413 ? { Connection: 'close' } : {}
    return refusal(status, code, message, { ...headers, ...retry, ...close })
  }
  if (error instanceof LedgerUnavailable || error instanceof CivicError) {
    const { code } = error
    const retry = { ...headers, 'Retry-After': RETRY_AFTER }
    return refusal(503, code, 'This cannot be checked now: try again later', retry)
  }
  throw error
}
