import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import type { Wallet } from 'civic-wallet'

export interface LoginWish {
  /** Where the SIP is. */
  readonly url: string
  readonly appId: string
  readonly wallet: Wallet
  /** Where the site's page is. */
  readonly site: string
  /** Wire value. */
  readonly level: string
}

/** What a login brought. */
export interface Login {
  /** The authorization code token. */
  readonly token: string
  /** The six digits that the person typed. */
  readonly confirm: string
}

/** A person logs in: the page asks, the wallet approves, the person types the wallet's digits into the page. */
export async function logIn({ url, appId, wallet, site, level }: LoginWish): Promise<Login> {
  const verifier = randomBytes(32).toString('hex')
  const challenge = createHash('sha256').update(verifier).digest('hex')
  const asked = await fetch(`${url}/sip/prod/1.0/scopeRequest/qrcode`, {
    method: 'POST',
    headers: { Origin: site },
    body: new URLSearchParams({ appId, verificationLevel: level, challenge }),
  })
  const { uuid, scopeRequestString } = (await asked.json()) as Record<'uuid' | 'scopeRequestString', string>
  const { confirm = '' } = await wallet.approve(await wallet.read(scopeRequestString))
  const headers = { 'X-Civic-Verifier': verifier, 'Content-Type': 'application/json' }
  const request = `${url}/sip/prod/scopeRequest/${uuid}`
  const body = JSON.stringify({ code: confirm })
  const confirmed = await fetch(`${request}/confirm`, { method: 'POST', headers, body })
  assert.equal(confirmed.status, 200)
  const polled = (await (await fetch(request, { headers })).json()) as { authResponse: string }
  return { token: polled.authResponse, confirm }
}
