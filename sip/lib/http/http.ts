import express from 'express'
import type { ErrorRequestHandler, NextFunction, Request, RequestHandler, Response } from 'express'
import { isAway } from './away.ts'
import { errorPage } from './error-page.ts'
import { isObject } from '../is-object.ts'
import { unknownOption } from '../known-options.ts'
import { logFailure } from '../operations/describe-error.ts'
import { requestIdOf } from './observer.ts'

/** A refusal with an HTTP status. The caller sees its message, so it must not contain secrets or personal data. */
export class HttpError extends Error {
  override readonly name = 'HttpError'
  readonly status: number
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message)
    this.status = status
    this.headers = headers
  }
}

/** The same error; of a 401, without the reason. */
export function withoutReason(error: unknown): unknown {
  return error instanceof HttpError && error.status === 401 ? new HttpError(401, 'Unauthorized') : error
}

/** An option or a field is wrong. The message names it and says what it should be. */
export class InputError extends TypeError {
  override readonly name = 'InputError'
}

/** @throws InputError for an unknown option, naming the nearest known one */
export function checkKnown(options: object, known: Readonly<Record<string, true>>): void {
  const problem = unknownOption(options, Object.keys(known))
  if (problem !== undefined) throw new InputError(problem)
}

/** More than any client sends, and much less than would overflow the stack. */
const MAX_DEPTH = 32

/**
 * Reads a body of one JSON object; an empty body is `{}`. Refuses any other content type: another site's page could
 * send such a POST without a preflight.
 *
 * @param limit bytes, in body-parser's notation
 */
export function jsonBody(limit = '100kb') {
  const read = anyLabelJsonBody(limit)
  return <P>(req: Request<P>, res: Response, next: NextFunction): void => {
    if (!req.is('json')) throw new HttpError(415, 'send JSON, with Content-Type: application/json')
    read(req, res, next)
  }
}

/**
 * The same with any content type, for routes that no other site's page can call: Civic's clients labelled JSON as a
 * form, others as text (docs/protocol.md#published-clients).
 */
export function anyLabelJsonBody(limit = '100kb') {
  const read = express.raw({ limit, type: () => true })
  return <P>(req: Request<P>, res: Response, next: NextFunction): void => {
    ;(read as RequestHandler<P>)(req, res, (error?: unknown) => {
      const body = error === undefined ? parseObject(req.body) : undefined
      req.body = body
      next(body ? undefined : (error ?? new HttpError(400, NOT_AN_OBJECT)))
    })
  }
}

const NOT_AN_OBJECT = `the body is not one JSON object in UTF-8, at most ${MAX_DEPTH} levels deep`

function parseObject(body: unknown): Record<string, unknown> | undefined {
  if (!Buffer.isBuffer(body) || body.length === 0) return {}
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
    return isObject(value) && !isDeeper(value, MAX_DEPTH) ? value : undefined
  } catch {
    return undefined
  }
}

/** Iterative, because a deep value would overflow the stack. */
function isDeeper(root: object, depth: number): boolean {
  let level: object[] = [root]
  for (let left = depth; left > 0 && level.length > 0; left -= 1) {
    const values: unknown[] = level.flatMap((parent) => Object.values(parent) as unknown[])
    level = values.filter((value): value is object => typeof value === 'object' && value !== null)
  }
  return level.length > 0
}

/** Responds with 405 to methods that the routes before it do not have. */
export function onlyMethod(method: string): RequestHandler {
  return (req) => {
    throw new HttpError(405, `${req.method} is not allowed here: use ${method}`, { Allow: method })
  }
}

export const notFound: RequestHandler = (req) => {
  throw new HttpError(404, `there is nothing at ${req.path}`)
}

/**
 * Responds to every error with `{ statusCode, message }`, as Civic's SIP did; with a page for a person who followed a
 * link.
 *
 * @param failed called with the server's own errors
 */
export function answerErrors(
  failed: (error: unknown, requestId?: string) => void = logFailure,
): ErrorRequestHandler {
  return (error: unknown, req, res, _next) => {
    const refused = refusalOf(error)
    if (!refused) failed(error, requestIdOf(req))
    // Express would write the whole error to the standard error
    if (res.headersSent) {
      req.socket.destroy()
      return
    }
    const { status, message, headers } = refused ?? (isAway(error) ? AWAY : FAILED)
    res.set(headers).status(status).vary('Accept')
    if (req.accepts(['json', 'html']) === 'html') res.type('html').send(errorPage(status, message))
    else res.json({ statusCode: status, message })
  }
}

/** The same, for a program without an observer. */
export const errorHandler: ErrorRequestHandler = answerErrors()

type Described = Pick<HttpError, 'status' | 'message' | 'headers'>

const FAILED: Described = { status: 500, message: 'the server failed: see its log', headers: {} }
const AWAY: Described = {
  status: 503,
  message: 'the server cannot work at the moment: try again in a few seconds',
  headers: { 'Retry-After': '5' },
}

/** The response to an error that the caller caused; undefined for the server's own errors. */
export function refusalOf(error: unknown): Described | undefined {
  if (error instanceof HttpError) return error
  if (error instanceof InputError) return { status: 400, message: error.message, headers: {} }
  // Client errors of body-parser and the router, described without the input.
  const { status, type } = error as { status?: unknown; type?: unknown }
  if (typeof status !== 'number' || status < 400 || status >= 500) return undefined
  const what = typeof type === 'string' ? type : 'bad.request'
  return { status, message: `the request cannot be read (${what})`, headers: {} }
}
