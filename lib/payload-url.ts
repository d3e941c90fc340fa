import { badAnswer } from './transport.ts'
import type { Settings } from './options.ts'

/**
 * Checks the URL of a large payload (docs/protocol.md#large-payload). No signature covers it, so only hosts where SIP
 * stores payloads are allowed: https, default port, no credentials; or the loopback host of `api`.
 *
 * @throws CivicError `CIVIC_BAD_ANSWER`, without the URL: a pre-signed one is a credential
 */
export function checkPayloadUrl(text: string, { payloadHosts, loopbackOrigin }: Settings): string {
  // URL would drop or convert these, and the request would go elsewhere than the text says
  if (/[\s\p{Cc}\\]/u.test(text) || !URL.canParse(text)) throw refused()
  const url = new URL(text)
  if (url.username !== '' || url.password !== '') throw refused()
  const isStorage =
    url.protocol === 'https:' && url.port === '' && payloadHosts.some((host) => matches(url.hostname, host))
  // A blob: URL has the origin that made it
  const isLoopback = url.protocol === 'http:' && url.origin === loopbackOrigin
  if (!isStorage && !isLoopback) throw refused()
  return url.href
}

function matches(hostname: string, host: string): boolean {
  return host.startsWith('.') ? hostname.endsWith(host) && hostname.length > host.length : hostname === host
}

function refused(): Error {
  return badAnswer('its payload URL is not on an allowed host (payloadHosts)', 'payload-url')
}
