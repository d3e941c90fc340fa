import { brokeUnanswered, Connections } from './connections.ts'
import type { Trip } from './connections.ts'
import { timedOut } from './deadline.ts'
import type { Deadline } from './deadline.ts'
import { CivicError } from './errors.ts'
import type { CivicErrorReason } from './errors.ts'
import type { FetchInit, FetchResponse, ResponseBody } from './fetch.ts'
import { textOf } from './json.ts'
import { isObject } from './objects.ts'
import type { Settings } from './options.ts'

export interface Request {
  readonly method: 'GET' | 'POST'
  readonly headers: Record<string, string>
  readonly body?: string
}

export interface Answer {
  readonly status: number
  /** Seconds, if the response has this header. */
  readonly retryAfter: number | undefined
  /** Whether its `Date` differs from this host's clock by over a minute. */
  readonly isClockOff: boolean
  /** The whole body of a 200; no other response's body is read. */
  readonly body: string
}

/**
 * Sends one request and reads its response, within the deadline and the size limit, without following redirects.
 *
 * @throws CivicError `CIVIC_UNAVAILABLE` (`retryable` if no header can have been sent), `CIVIC_TIMEOUT`, or
 *   `CIVIC_BAD_ANSWER` for a response that cannot be read. No error shows a URL, a header or a body.
 */
export type Send = (url: string, request: Request, deadline: Deadline) => Promise<Answer>

/** SIP refuses request tokens of another time. */
const CLOCK_OFF_MS = 60_000

export function createSend({ fetch, agent, maxResponseBytes }: Settings): Send {
  const connections = new Connections()
  const attempt = async (url: string, request: Request, deadline: Deadline): Promise<Answer> => {
    const trip: Trip = {}
    let response: FetchResponse
    try {
      response = await fetch(url, initOf(request, deadline, agent ?? connections.agentFor(trip)))
    } catch (error) {
      const failure = explain(error)
      if (!brokeUnanswered(trip)) throw failure
      connections.closeIdle()
      lost.add(failure)
      throw asUsed(failure)
    }
    try {
      return await read(response, maxResponseBytes, deadline)
    } catch (error) {
      throw error instanceof CivicError ? error : badAnswer('it broke off')
    }
  }
  return (url, request, deadline) => deadline.race(attempt(url, request, deadline))
}

/** A getter, so that the signal is made only if the fetch reads it. */
function initOf(
  { method, headers, body }: Request,
  deadline: Deadline,
  agent: FetchInit['agent'],
): FetchInit {
  return {
    method,
    headers,
    ...(body !== undefined && { body }),
    redirect: 'error',
    get signal() {
      return deadline.signal
    },
    agent,
  }
}

const lost = new WeakSet<CivicError>()

/**
 * Whether a request failed because its idle connection broke before any byte of a response. Usually SIP had closed it,
 * and never read the request, but nothing shows that it did not. The request may still be sent once more: a code is
 * single-use, so an attacker who cuts connections gains nothing, and the worst case is a refusal. The code counts as
 * used, so the error is not `retryable`.
 */
export function isLostOnReuse(error: CivicError): boolean {
  return lost.has(error)
}

/** The error of a request that may have used the code. */
export function asUsed(error: CivicError): CivicError {
  return Object.assign(error, { retryable: false })
}

/** The error for a response that a genuine SIP does not send. */
export function badAnswer(why: string, reason?: CivicErrorReason): CivicError {
  return new CivicError('CIVIC_BAD_ANSWER', `SIP's response is refused: ${why}`, { reason })
}

async function read(response: FetchResponse, limit: number, deadline: Deadline): Promise<Answer> {
  const { status, redirected, headers, body } = response
  if (redirected || status !== 200) {
    discard(body)
    if (redirected) throw badAnswer('it is a redirect')
    return {
      status,
      retryAfter: seconds(headers.get('retry-after')),
      isClockOff: Math.abs(Date.parse(String(headers.get('date'))) - Date.now()) > CLOCK_OFF_MS,
      body: '',
    }
  }
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body ?? []) {
    if (deadline.isOver) throw timedOut()
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk
    size += bytes.byteLength
    if (!(size <= limit)) throw badAnswer('it is larger than maxResponseBytes')
    chunks.push(bytes)
  }
  const text = textOf(Buffer.concat(chunks))
  if (text === undefined) throw badAnswer('it is not UTF-8')
  return { status, retryAfter: undefined, isClockOff: false, body: text }
}

/** Frees the connection of a response that is not read. */
function discard(body: ResponseBody | null): void {
  if (body?.destroy) body.destroy()
  else body?.cancel?.().catch(() => undefined)
}

/** `Retry-After` (RFC 9110 section 10.2.3) as seconds from now. */
function seconds(value: string | null): number | undefined {
  if (value === null) return undefined
  if (/^\d{1,9}$/.test(value)) return Number(value)
  const date = Date.parse(value)
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - Date.now()) / 1000))
}

/**
 * Lookup, connection and TLS failures before a request's header is sent. OpenSSL's own codes (`ERR_SSL_…`) are
 * excluded: an attacker on the network can cause each of them after SIP has the request.
 */
const UNSENT = new Set([
  'ENOTFOUND',
  'EAI_AGAIN',
  'EAI_FAIL',
  'EAI_NODATA',
  'EAI_NONAME',
  'ENODATA',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'EADDRNOTAVAIL',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'EPROTO',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'ERR_TLS_HANDSHAKE_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CERT_REVOKED',
  'CERT_REJECTED',
  'CERT_UNTRUSTED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'HOSTNAME_MISMATCH',
  'ERR_PROXY_TUNNEL',
  // Bun's, before 1.4; the first also stands for an unknown host name
  'ConnectionRefused',
  'FailedToOpenSocket',
])

/** Says why a fetch failed, from the system's error code only: messages of fetch contain URLs. */
function explain(error: unknown): CivicError {
  let firstCode: string | undefined
  let at = error
  for (let depth = 0; isObject(at) && depth < 8; depth++) {
    const { code, syscall, erroredSysCall, type, message, cause } = at as Record<string, unknown>
    // How node-fetch, Bun and undici report a redirect under `redirect: 'error'`, or an invalid one
    if (isRedirect(type) || code === 'UnexpectedRedirect' || message === 'unexpected redirect')
      return badAnswer('it is a redirect')
    if (typeof code === 'string' && (UNSENT.has(code) || /^[A-Z][A-Z0-9_]{1,63}$/.test(code))) {
      const call = syscall ?? erroredSysCall
      // An established connection can fail with some of the same codes
      if (UNSENT.has(code) && call !== 'read' && !(call === 'write' && code !== 'EPROTO')) {
        return unavailable(code, true)
      }
      firstCode ??= code
    }
    at = cause
  }
  return unavailable(firstCode ?? 'UNKNOWN', false)
}

function isRedirect(type: unknown): boolean {
  return type === 'no-redirect' || type === 'invalid-redirect'
}

function unavailable(code: string, unsent: boolean): CivicError {
  const cause = Object.assign(new Error(code), { code })
  return new CivicError('CIVIC_UNAVAILABLE', `SIP cannot be reached (${code})`, { cause, retryable: unsent })
}
