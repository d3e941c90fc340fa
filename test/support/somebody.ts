import assert from 'node:assert/strict'
import { Wallet } from 'civic-wallet'
import { newKeyPair } from '../../sandbox/lib/new-keys.ts'
import { Cookies } from './cookies.ts'

export interface Reply {
  readonly status: number
  readonly json: never
  readonly text: string
  readonly setCookie: readonly string[]
}

/** A person with a browser and a wallet. */
export class Somebody {
  readonly wallet: Wallet
  readonly cookies = new Cookies()
  readonly #url: string
  readonly #fetch: typeof globalThis.fetch

  /** @param fetch how the browser and the wallet reach the server */
  constructor(url: string, seed: string, fetch = globalThis.fetch) {
    this.#url = url
    this.#fetch = fetch
    this.wallet = new Wallet({ seed, fetch, trustedSips: [url], allowPrivate: true })
  }

  /** Sends what the dashboard's page sends. @param path below `/dashboard/api`, or from `/` on */
  async send(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Reply> {
    const url = `${this.#url}${path.startsWith('/') ? '' : '/dashboard/api/'}${path}`
    const response = await this.#fetch(url, {
      method,
      headers: {
        'Sec-Fetch-Site': 'same-origin',
        ...this.cookies.header,
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const setCookie = this.cookies.keep(response)
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.includes('application/json') ?? false
    return { status: response.status, json: (isJson ? JSON.parse(text) : {}) as never, text, setCookie }
  }

  /** Scans the code on this browser's screen with a wallet. @returns what CivicJS gives the page */
  async scan(wallet = this.wallet): Promise<{ uuid: string; confirm: string; description: string }> {
    const { json } = await this.send('POST', '/sip/partners/start', {
      channel: 'scan',
      scopeRequest: 'ANONYMOUS_LOGIN',
    })
    const { uuid, link } = json as { uuid: string; link: string }
    const request = await wallet.read(link)
    const { confirm = '' } = await wallet.approve(request)
    return { uuid, confirm, description: request.description }
  }

  async logIn(): Promise<Reply> {
    const { uuid, confirm } = await this.scan()
    return this.send('POST', 'login', { uuid, confirm })
  }

  async join(link: string, joining: { name: string; partnerName?: string }): Promise<void> {
    const { uuid, confirm } = await this.scan()
    const { status, text } = await this.send('POST', 'join', {
      token: tokenOf(link),
      ...joining,
      uuid,
      confirm,
    })
    assert.equal(status, 204, text)
  }

  /** Has the wallet approve an act. @returns what the wallet showed */
  async approve(act: { act: string; appId: string; keyId?: string }): Promise<string> {
    assert.equal((await this.send('POST', 'acts', act)).status, 204)
    const { uuid, confirm, description } = await this.scan()
    assert.equal((await this.send('POST', 'acts/approve', { uuid, confirm })).status, 204)
    return description
  }

  async partnerId(): Promise<string> {
    const { json } = await this.send('GET', 'me')
    return (json as { memberships: { partnerId: string }[] }).memberships[0]!.partnerId
  }

  async userId(): Promise<string> {
    return (await this.send('GET', 'me')).json['userId']
  }

  async createApp(
    options: object = {},
  ): Promise<{ appId: string; keys: { keyId: string }[]; whitelist: string[] }> {
    const { pubKey } = newKeyPair()
    const { status, json, text } = await this.send('POST', 'apps', { name: 'Shop', pubKey, ...options })
    assert.equal(status, 201, text)
    return json
  }
}

export function tokenOf(link: string): string {
  return link.slice(link.indexOf('#join/') + '#join/'.length)
}
