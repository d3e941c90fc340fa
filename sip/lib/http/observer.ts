import { randomUUID } from 'node:crypto'
import type { Request, RequestHandler, Response } from 'express'
import { isObject } from '../is-object.ts'
import type { State } from '../scope-requests/scope-request.ts'

/** A finished request. It has no query, header or body, and so no token or personal datum. */
export interface ObservedRequest {
  /** The response's `X-Request-Id`. */
  readonly id: string
  readonly method: string
  /** The pattern of the path, such as `/payloads/:id`; `other` for files and unknown paths. */
  readonly route: string
  readonly status: number
  /** Milliseconds until the response was sent, or the connection broke. */
  readonly ms: number
}

/** Gets the server's events. Nothing waits for it, and it must not throw. */
export interface Observer {
  readonly request?: (request: ObservedRequest) => void
  /** A scope request was made, or moved to a state. */
  readonly moved?: (state: State) => void
  /** The server itself failed. The error can contain input, so do not log it unchanged. */
  readonly failed?: (error: unknown, requestId?: string) => void
}

const IDS = new WeakMap<object, string>()

/** The id of a request that `observed` saw. */
export function requestIdOf(req: object): string | undefined {
  return IDS.get(req)
}

/** Gives each request an id, and reports the finished request. An id from the caller is ignored. */
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

/** The route's pattern, or its first one if it has several. */
function routeOf(req: Request): string {
  const route: unknown = (req as { route?: unknown }).route
  const path = isObject(route) ? route.path : undefined
  const first: unknown = Array.isArray(path) ? (path as unknown[])[0] : path
  return typeof first === 'string' ? first : 'other'
}

/** 499, as in proxies, if the caller left before the response. */
function statusOf({ headersSent, statusCode }: Response): number {
  return headersSent ? statusCode : 499
}
