import { fieldsOf, textOf } from './messages.ts'
import type { Failure } from './messages.ts'

const deepest = 5

/** Form-encodes `fields`, nested values as `a[b]=c` (docs/protocol.md#qr-request), without null and undefined. */
export function formEncode(fields: Readonly<Record<string, unknown>>): string {
  const pairs: string[] = []
  const add = (name: string, value: unknown, depth: number): void => {
    if (value === null || value === undefined || depth > deepest) return
    if (typeof value === 'object') {
      Object.keys(value).forEach((key) => add(`${name}[${key}]`, fieldsOf(value)[key], depth + 1))
    } else {
      const text = typeof value === 'string' ? value : JSON.stringify(value)
      pairs.push(`${encodeURIComponent(name)}=${encodeURIComponent(text)}`)
    }
  }
  Object.keys(fields).forEach((key) => add(key, fields[key], 0))
  return pairs.join('&')
}

/** Posts a form to Civic, see `post`. */
export function postForm(
  url: string,
  fields: Readonly<Record<string, unknown>>,
  done: (answer: unknown) => void,
  failed: (failure: Failure) => void,
): () => void {
  const type = 'application/x-www-form-urlencoded'
  return post({ url, type, body: formEncode(fields), who: 'Civic' }, done, failed)
}

/** Gets JSON, see `post`. */
export function get(
  url: string,
  who: string,
  done: (answer: unknown) => void,
  failed: (failure: Failure) => void,
): () => void {
  const xhr = new XMLHttpRequest()
  xhr.open('GET', url)
  return send(xhr, { who, limitMs: 5_000 }, done, failed)
}

export interface PostRequest {
  url: string
  type: string
  body: string
  /** The server's name in messages to people. */
  who: string
}

/**
 * Posts once and reads a JSON response within 30 seconds. A body with `error`, or with a `statusCode` other than 200
 * and 201, is a failure for any HTTP status.
 * @returns a function that cancels the request; after that, no callback is called
 */
export function post(
  { url, type, body, who }: PostRequest,
  done: (answer: unknown) => void,
  failed: (failure: Failure) => void,
): () => void {
  const xhr = new XMLHttpRequest()
  xhr.open('POST', url)
  xhr.setRequestHeader('Content-Type', type)
  return send(xhr, { body, who, limitMs: 30_000 }, done, failed)
}

interface Sent {
  body?: string
  who: string
  limitMs: number
}

function send(
  xhr: XMLHttpRequest,
  { body, who, limitMs }: Sent,
  done: (answer: unknown) => void,
  failed: (failure: Failure) => void,
): () => void {
  xhr.setRequestHeader('Accept', 'application/json')
  xhr.timeout = limitMs
  xhr.onload = () => {
    const failure = failureOf(xhr, who)
    if (failure === undefined) done(parse(xhr.responseText))
    else failed(failure)
  }
  xhr.onerror = () =>
    failed({ message: `${who} could not be reached. Check your connection, then try again.` })
  xhr.ontimeout = () => failed({ message: `${who} took too long to respond. Please try again.` })
  xhr.send(body)
  return () => {
    xhr.onload = xhr.onerror = xhr.ontimeout = null
    xhr.abort()
  }
}

function failureOf(xhr: XMLHttpRequest, who: string): Failure | undefined {
  const body = fieldsOf(parse(xhr.responseText))
  const statusCode = typeof body.statusCode === 'number' ? body.statusCode : xhr.status
  const error = 'error' in body ? body.error : undefined
  if ((statusCode === 200 || statusCode === 201) && error === undefined) return undefined
  const message = textOf(body.message) || textOf(error) || textOf(fieldsOf(error).message)
  return {
    message: message || `${who} reported an error (${statusCode}). Please try again.`,
    statusCode,
  }
}

/** The parsed JSON, or undefined if the text is not JSON. */
export function parse(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}
