import { parseSignedUrl, signedHeaders } from '../http/signed-call.ts'
import { SendingFailed } from './outbox.ts'
import type { Send } from './outbox.ts'

/** Statuses after which a retry may succeed. */
const AGAIN = [408, 425, 429]

export interface SmsWebhookOptions {
  /** `https://:KEY@gateway.example.org/sms`: the password signs and is not sent. */
  readonly url: string
  /** Milliseconds since the epoch. Default: Date.now. */
  readonly clock?: () => number
  readonly fetch?: typeof globalThis.fetch
}

/**
 * Sends text messages through the operator's gateway: a signed `POST` (http/signed-call.ts) of `{ id, to, text }` as
 * JSON, `to` in E.164 format. The gateway must refuse wrong signatures and old timestamps, and send an `id` once. 2xx:
 * it has the message. 408, 425, 429 and 5xx: retry. Any other status: give up.
 *
 * @throws TypeError for a wrong URL
 */
export function smsSender({ url, clock = Date.now, fetch = globalThis.fetch }: SmsWebhookOptions): Send {
  const { target, key } = parseSignedUrl(url, 'SMS_WEBHOOK_URL')
  return async ({ id, to, text }, signal) => {
    const body = JSON.stringify({ id, to: to.replace(/[^+\d]/g, ''), text })
    const headers = { 'Content-Type': 'application/json', ...signedHeaders(key, body, clock()) }
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
