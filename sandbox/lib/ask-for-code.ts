import { createHash, randomBytes } from 'node:crypto'
import type { App } from 'civic-sip-server'
import { HttpError } from 'civic-sip-server/http'
import { askServer } from './ask.ts'
import type { HeadlessWallet } from './headless-wallet.ts'

/** The origin for apps without allowed domains. No page can have it: `.invalid` never resolves (RFC 6761). */
export const OWN_ORIGIN = 'https://authcode.invalid'

export interface CodeWish {
  readonly app: App
  readonly wallet: HeadlessWallet
  readonly scopeRequest: string
  /** Default: the app's first allowed domain. */
  readonly origin: string | undefined
}

/**
 * Logs a test user in over HTTP as a browser would: asks for a QR code, has the wallet approve, and polls.
 *
 * @returns the authorization code token
 * @throws HttpError that says why it was refused
 */
export async function askForCode(url: string, { app, wallet, ...wish }: CodeWish): Promise<string> {
  const { scopeRequest: verificationLevel, origin = firstOrigin(app) } = wish
  const verifier = randomBytes(32).toString('hex')
  const challenge = createHash('sha256').update(verifier).digest('hex')
  const base = `/sip/${app.environment === 'live' ? 'prod' : 'test'}`
  const { uuid } = await askServer<{ uuid: string }>(url, `POST ${base}/1.0/scopeRequest/qrcode`, {
    headers: { Origin: origin, 'Content-Type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ appId: app.appId, verificationLevel, challenge }).toString(),
  })
  const { waiting, confirm } = await wallet.approve(uuid)
  const [request, headers] = [`${base}/scopeRequest/${uuid}`, { 'X-Civic-Verifier': verifier }]
  if (confirm !== undefined)
    await askServer(url, `POST ${request}/confirm`, { headers, body: { code: confirm } })
  const polled = await askServer<{ authResponse?: string }>(url, `GET ${request}`, { headers })
  if (polled.authResponse === undefined) throw new HttpError(503, waiting ?? 'the grant failed')
  return polled.authResponse
}

function firstOrigin({ whitelist: [first] }: App): string {
  return first === undefined ? OWN_ORIGIN : originOf(first)
}

/** An origin that matches an allowed domain. */
export function originOf(entry: string): string {
  return entry.includes('://') ? entry : `http://${entry}`
}
