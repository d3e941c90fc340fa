import { createHmac } from 'node:crypto'
import { sameText } from '../same-text.ts'

/** The most that a call may be old, and that the clocks may differ. */
const WINDOW_MS = 60_000

const TIMESTAMP = 'Civic-Timestamp'
const SIGNATURE = 'Civic-Signature'

/**
 * The headers that authenticate a call: `Civic-Timestamp`, epoch seconds, and `Civic-Signature`: `v1=` and the
 * HMAC-SHA-256 under the key, as hex, of the timestamp, a full stop and the body.
 */
export function signedHeaders(key: string, body: string, now: number): Record<string, string> {
  const timestamp = String(Math.floor(now / 1000))
  return { [TIMESTAMP]: timestamp, [SIGNATURE]: `v1=${signatureOf(key, timestamp, body)}` }
}

/** Whether the caller has the key, and signed the call within the last minute. */
export function isSignedCall(
  key: string,
  body: string,
  header: (name: string) => string | undefined,
  now: number,
): boolean {
  const timestamp = header(TIMESTAMP) ?? ''
  const age = now - Number(timestamp) * 1000
  if (!/^\d{1,12}$/.test(timestamp) || Math.abs(age) > WINDOW_MS + 1000) return false
  return sameText(header(SIGNATURE) ?? '', `v1=${signatureOf(key, timestamp, body)}`)
}

function signatureOf(key: string, timestamp: string, body: string): string {
  return createHmac('sha256', key).update(`${timestamp}.${body}`).digest('hex')
}

const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/
/** The shortest key, in characters: 96 bits in hex. */
const LEAST_KEY = 24

/**
 * Reads the URL of a service for signed calls: `https://:KEY@host/path`. The password signs and is not sent.
 * @param name the setting's name in the error
 * @throws TypeError, which does not show the key
 */
export function parseSignedUrl(
  text: string,
  name: string,
): { readonly target: string; readonly key: string } {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && LOOPBACK.test(url.hostname))
  const key = decodeURIComponent(url?.password ?? '')
  if (!url || !isSafe || url.username !== '' || url.hash !== '' || key.length < LEAST_KEY) {
    throw new TypeError(
      `${name}: https://:KEY@host/path, with a random key of at least ${LEAST_KEY} characters`,
    )
  }
  url.password = ''
  return { target: url.href, key }
}
