import type { IncomingMessage, ServerResponse } from 'node:http'
import express from 'express'
import type { Express, Router } from 'express'
import { answerErrors, notFound } from './http.ts'
import { limitByAddress } from './limits.ts'
import type { Limits } from './limits.ts'
import { observed } from './observer.ts'
import type { Observer } from './observer.ts'
import { requestLog } from './request-log.ts'
import { checkHost, secureHeaders } from './safety.ts'

/** A handler for Express and Node, in Node's types, because Express's types are not a dependency. */
export type Middleware = (
  req: IncomingMessage,
  res: ServerResponse,
  next: (error?: unknown) => void,
) => unknown

/**
 * The proxies whose headers are trusted: none; all (`true`); a number, counted from the server; or addresses, ranges
 * and Express's names (`loopback`).
 */
export type TrustProxy = boolean | number | readonly string[]

export interface HandlerOptions {
  /** The server's host names. */
  readonly hosts: readonly string[]
  /** Proxies in front that end TLS, so that links say https. */
  readonly trustProxy: TrustProxy
  /** Called with a line for each request. */
  readonly log: ((line: string) => void) | undefined
  readonly observer?: Observer | undefined
  readonly limits?: Limits | undefined
  readonly before: Middleware | undefined
  readonly routes: readonly Router[]
}

/** The server as a request handler: the general checks, the routes, and then the error handler. */
export function createHandler(options: HandlerOptions): Express {
  const { hosts, trustProxy, log, observer = {}, limits, before, routes } = options
  const app = express()
  app.disable('x-powered-by')
  app.set('trust proxy', trustProxy)
  if (log) app.use(requestLog(log))
  if (observer.request) app.use(observed(observer.request))
  app.use(secureHeaders, checkHost(hosts))
  if (limits) app.use(limitByAddress(limits, 'request'))
  if (before) app.use(before)
  app.use(...routes, notFound, answerErrors(observer.failed))
  return app
}
