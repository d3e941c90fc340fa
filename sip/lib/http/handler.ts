import type { IncomingMessage, ServerResponse } from 'node:http'
import express from 'express'
import type { Express, Router } from 'express'
import { errorHandler, notFound } from './http.ts'
import { requestLog } from './request-log.ts'
import { checkHost, secureHeaders } from './safety.ts'

/** A handler of Express and of Node, in the types of Node alone, since Express's types are no dependency. */
export type Middleware = (
  req: IncomingMessage,
  res: ServerResponse,
  next: (error?: unknown) => void,
) => unknown

export interface HandlerOptions {
  /** The names by which the server is reached. */
  readonly hosts: readonly string[]
  /** Whether a proxy in front ends TLS: then links are to say https. */
  readonly trustProxy: boolean
  /** Gets a line for each request. */
  readonly log: ((line: string) => void) | undefined
  readonly before: Middleware | undefined
  readonly routes: readonly Router[]
}

/** The server as a request handler: what is refused everywhere, then the routes, then the errors. */
export function createHandler({ hosts, trustProxy, log, before, routes }: HandlerOptions): Express {
  const app = express()
  app.disable('x-powered-by')
  app.set('trust proxy', trustProxy)
  if (log) app.use(requestLog(log))
  app.use(secureHeaders, checkHost(hosts))
  if (before) app.use(before)
  app.use(...routes, notFound, errorHandler)
  return app
}
