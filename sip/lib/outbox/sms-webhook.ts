import { createHmac } from 'node:crypto'
import { SendingFailed } from './outbox.ts'
import type { Send } from './outbox.ts'

const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/
/** Of the key: as many characters as 96 bits take in hex. */
const LEAST_KEY = 24
/** Statuses after which the same may succeed later. */
const AGAIN = [408, 425, 429]

export interface SmsWebhookOptions {
  /** `https://:KEY@gateway.example.org/sms`: the password signs and is not sent. */
  readonly url: string
  /** Milliseconds since the epoch. Default: Date.now. */
  readonly clock?: () => number
  readonly fetch?: typeof globalThis.fetch
}

/**
 * Has the operator's gateway send text messages: `POST` of `{ id, to, text }` as JSON, `to` in the form of E.164, with
 * `Civic-Timestamp`, epoch seconds, and `Civic-Signature`: `v1=` and the HMAC-SHA-256 under the key, as hex, of the
 * timestamp, a full stop and the body. A gateway refuses a wrong signature and an old timestamp, and sends an `id` once.
 * 2xx: it has the message. 408, 425, 429 and 5xx: later. Any other: never.
 *
 * @throws TypeError for a wrong URL
 */
export function smsSender({ url, clock = Date.now, fetch = globalThis.fetch }: SmsWebhookOptions): Send {
  const { target, key } = parseUrl(url)
  return async ({ id, to, text }, signal) => {
    const body = JSON.stringify({ id, to: to.replace(/[^+\d]/g, ''), text })
    const timestamp = String(Math.floor(clock() / 1000))
    const headers = {
      'Content-Type': 'application/json',
      'Civic-Timestamp': timestamp,
      'Civic-Signature': `v1=${signatureOf(key, timestamp, body)}`,
    }
    const status = await fetch(target, { method: 'POST', headers, body, redirect: 'manual', signal }).then(
      async (response) => {
        await response.body?.cancel()
        return response.status
      },
      () => undefined,
    )
    if (status === undefined) throw new SendingFailed('the SMS gateway cannot be reached')
    if (status >= 200 && status < 300) return
    const isFinal = status < 500 && !AGAIN.includes(status)
    throw new SendingFailed(`the SMS gateway: ${status}`, isFinal)
  }
}

/** @returns 64 hex digits */
export function signatureOf(key: string, timestamp: string, body: string): string {
  return createHmac('sha256', key).update(`${timestamp}.${body}`).digest('hex')
}

function parseUrl(text: string): { target: string; key: string } {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && LOOPBACK.test(url.hostname))
  const key = decodeURIComponent(url?.password ?? '')
  if (!url || !isSafe || url.username !== '' || url.hash !== '' || key.length < LEAST_KEY) {
    throw new TypeError(
      `SMS_WEBHOOK_URL: https://:KEY@host/path, with a random key of at least ${LEAST_KEY} characters`,
    )
  }
  url.password = ''
  return { target: url.href, key }
}
