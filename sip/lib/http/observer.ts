import { randomUUID } from 'node:crypto'
import type { Request, RequestHandler, Response } from 'express'
import { isObject } from '../is-object.ts'
import type { State } from '../scope-requests/scope-request.ts'

/** A request that was answered. It names no query, header or body, so no token or personal datum. */
export interface ObservedRequest {
  /** The response names it in `X-Request-Id`. */
  readonly id: string
  readonly method: string
  /** The pattern of the path, such as `/payloads/:id`; `other` for files and what is not there. */
  readonly route: string
  readonly status: number
  /** Milliseconds until the response was sent, or the connection broke. */
  readonly ms: number
}

/** Is told what happens. Nothing waits for it, and it must not throw. */
export interface Observer {
  readonly request?: (request: ObservedRequest) => void
  /** A scope request was made, or moved to a state. */
  readonly moved?: (state: State) => void
  /** The server failed, and not the caller. The error can name what it was given: it is not for a log as it is. */
  readonly failed?: (error: unknown, requestId?: string) => void
}

const IDS = new WeakMap<object, string>()

/** The id of a request that `observed` saw. */
export function requestIdOf(req: object): string | undefined {
  return IDS.get(req)
}

/** Gives each request an id, and tells once it is answered. The caller's own id, if it sends one, counts for nothing. */
export function observed(tell: (request: ObservedRequest) => void): RequestHandler {
  return (req, res, next) => {
    const start = performance.now()
    const id = randomUUID()
    IDS.set(req, id)
    res.set('X-Request-Id', id)
    res.once('close', () => {
      const { method } = req
      tell({ id, method, route: routeOf(req), status: statusOf(res), ms: performance.now() - start })
    })
    next()
  }
}

/** The first pattern of the route, where it has several. */
function routeOf(req: Request): string {
  const route: unknown = (req as { route?: unknown }).route
  const path = isObject(route) ? route.path : undefined
  const first: unknown = Array.isArray(path) ? (path as unknown[])[0] : path
  return typeof first === 'string' ? first : 'other'
}

/** 499, as proxies write it, where the caller left before the response. */
function statusOf({ headersSent, statusCode }: Response): number {
  return headersSent ? statusCode : 499
}
