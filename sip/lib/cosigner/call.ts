import { createHash } from 'node:crypto'
import type { RequestHandler } from 'express'
import { HttpError } from '../http/http.ts'
import { isSignedCall, signedHeaders } from '../http/signed-call.ts'
import { sha256 } from '../sha256.ts'

const DIGEST = 'Content-Digest'

/**
 * The headers of a server's call to its cosigner. They sign (http/signed-call.ts) the name of the call, and the length
 * and the hash of its body (`Content-Digest`, RFC 9530) instead of the body, so that the cosigner knows the caller
 * before it reads any of the body.
 */
export function callHeaders(key: string, name: string, body: Buffer, now: number): Record<string, string> {
  const digest = digestOf(sha256(body))
  return { [DIGEST]: digest, ...signedHeaders(key, headOf(name, String(body.length), digest), now) }
}

export interface CallParts {
  /** The key that both sides have. */
  readonly key: string
  /** Milliseconds since the epoch. */
  readonly clock: () => number
  /** The most bytes of the body. */
  readonly limit: number
}

/** Reads the JSON of a call that the server signed. For any other call, it hangs up without reading the body. */
export function signedJson({ key, clock, limit }: CallParts): RequestHandler {
  return async (req, _res, next) => {
    const length = req.get('Content-Length') ?? ''
    const digest = req.get(DIGEST) ?? ''
    const head = headOf(req.path.slice(1), length, digest)
    if (!isSignedCall(key, head, (name) => req.get(name), clock()))
      throw hungUp(401, 'the call is not signed, or is too old')
    if (Number(length) > limit) throw hungUp(413, 'the call is too large')
    const hash = createHash('sha256')
    const chunks: Buffer[] = []
    // Node ends a body at its Content-Length
    for await (const chunk of req as AsyncIterable<Buffer>) {
      hash.update(chunk)
      chunks.push(chunk)
    }
    if (digestOf(hash.digest()) !== digest) throw new HttpError(401, 'the body is not the one that is signed')
    req.body = parsed(Buffer.concat(chunks))
    next()
  }
}

function headOf(name: string, length: string, digest: string): string {
  return `POST ${name} ${length} ${digest}`
}

function digestOf(hash: Buffer): string {
  return `sha-256=:${hash.toString('base64')}:`
}

function hungUp(status: number, message: string): HttpError {
  return new HttpError(status, message, { Connection: 'close' })
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString()) as unknown
  } catch {
    throw new HttpError(400, 'the body is not JSON')
  }
}
