import type { IncomingMessage, ServerResponse } from 'node:http'
import { parseJsonObject, textOf } from '../json.ts'
import { isObject, isPlainObject } from '../objects.ts'
import { AnswerRefused } from './answer-refused.ts'

/** A request of Node or of a framework that extends it. */
export type Incoming = IncomingMessage & { body?: unknown; originalUrl?: string }

const MAX_BODY = 2 * 1024 * 1024

/** A response. Every route returns one, so that common headers are set in one place. */
export interface Reply {
  readonly status: number
  readonly body?: string | Buffer
  readonly type?: string
  readonly headers?: Readonly<Record<string, string>>
}

export function json(status: number, body: object, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status, body: JSON.stringify(body), type: 'application/json; charset=utf-8', headers }
}

export function text(status: number, body: string): Reply {
  return { status, body, type: 'text/plain; charset=utf-8' }
}

/** The body of every refusal. */
export function refusal(
  status: number,
  code: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Reply {
  return json(status, { statusCode: status, code, message }, headers)
}

export function send(
  req: IncomingMessage,
  res: ServerResponse,
  { status, body, type, headers }: Reply,
): void {
  res.statusCode = status
  const all = {
    ...(type !== undefined && { 'Content-Type': type }),
    // What has no body must not tell its length (RFC 9110 section 8.6)
    ...(body !== undefined && { 'Content-Length': String(Buffer.byteLength(body)) }),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    ...headers,
  }
  for (const [name, value] of Object.entries(all)) res.setHeader(name, value)
  res.end(req.method === 'HEAD' ? undefined : body)
}

/**
 * The JSON object in a request's body, which a framework may have parsed already.
 *
 * @throws AnswerRefused 400, 413, 415
 */
export async function readBody(req: Incoming): Promise<Record<string, unknown>> {
  if (!/^application\/json\s*(?:;|$)/i.test(String(req.headers['content-type']))) {
    throw new AnswerRefused(415, 'MEDIA_TYPE', 'The body must be application/json')
  }
  const { body } = req
  // Express 4's parsers leave an empty object if they parsed nothing
  const isParsed = isObject(body) && (req.readableEnded || Object.keys(body).length > 0)
  const parsed = isParsed ? body : parseJsonObject(textOf(await readBytes(req)))?.object
  if (!isPlainObject(parsed)) throw unparsable()
  return parsed
}

async function readBytes(req: Incoming): Promise<Buffer> {
  if (Number(req.headers['content-length'] ?? 0) > MAX_BODY) throw tooLarge()
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of req as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > MAX_BODY) break
      chunks.push(chunk)
    }
  } catch {
    // The client broke the connection: it reads no response, and the app has no error
    throw unparsable()
  }
  if (size > MAX_BODY) throw tooLarge()
  return Buffer.concat(chunks)
}

function tooLarge(): AnswerRefused {
  return new AnswerRefused(413, 'TOO_LARGE', 'The body is larger than 2 MiB')
}

function unparsable(): AnswerRefused {
  return new AnswerRefused(400, 'UNREADABLE', 'The body is not a JSON object')
}
