import express from 'express'
import type { Express, Router } from 'express'
import { errorHandler, notFound } from './http.ts'
import { requestLog } from './request-log.ts'
import { checkHost, secureHeaders } from './safety.ts'

export interface HandlerOptions {
  /** The address that the server listens on. */
  readonly host: string
  /** Further names by which it is reached. */
  readonly allowHosts: readonly string[]
  /** Gets a line for each request. */
  readonly log: ((line: string) => void) | undefined
  readonly routes: readonly Router[]
}

/** The sandbox as a request handler: what is refused everywhere, then the routes, then the errors. */
export function createHandler({ host, allowHosts, log, routes }: HandlerOptions): Express {
  const app = express()
  app.disable('x-powered-by')
  // What answers to another name may stand behind a proxy that ends TLS: then links are to say https.
  app.set('trust proxy', allowHosts.length > 0)
  if (log) app.use(requestLog(log))
  app.use(secureHeaders, checkHost(host, allowHosts), ...routes, notFound, errorHandler)
  return app
}
