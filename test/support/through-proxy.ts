import { createHash, randomBytes } from 'node:crypto'
import type { LookupFunction } from 'node:net'
import { Agent, fetch as send } from 'undici'
import type { RequestInit } from 'undici'

/** Calls a server by names that no resolver knows, on loopback, and trusts its certificate. */
export class ThroughProxy {
  readonly #agent: Agent

  constructor(ca: Buffer) {
    const lookup: LookupFunction = (_name, options, callback) => {
      if (options.all) callback(null, [{ address: '127.0.0.1', family: 4 }])
      else callback(null, '127.0.0.1', 4)
    }
    this.#agent = new Agent({ connect: { ca, lookup } })
  }

  readonly fetch = ((input: string, init?: RequestInit) =>
    send(input, { ...init, dispatcher: this.#agent })) as unknown as typeof globalThis.fetch

  close(): Promise<void> {
    return this.#agent.close()
  }
}

/** What a site's page does: asks for a QR code, polls, and brings the code that the wallet shows. */
export class AskingPage {
  readonly #verifier = randomBytes(16).toString('hex')
  readonly #fetch: typeof globalThis.fetch
  readonly #url: string
  readonly #origin: string
  readonly #requests: string
  #uuid = ''

  /** @param requests where it asks, under the API's base: in original CivicJS the stage and the version came and went */
  constructor(fetch: typeof globalThis.fetch, url: string, origin: string, requests = 'prod/1.0/') {
    this.#fetch = fetch
    this.#url = url
    this.#origin = origin
    this.#requests = requests
  }

  /** @param what a scope request, or labels @returns the link to the wallet */
  async ask(appId: string, what: string | readonly string[]): Promise<string> {
    const challenge = createHash('sha256').update(this.#verifier).digest('hex')
    const asked =
      typeof what === 'string'
        ? { verificationLevel: what }
        : Object.fromEntries(what.map((label, at) => [`attributes[${at}]`, label]))
    const url = `${this.#url}/sip/${this.#requests}scopeRequest/qrcode`
    const { uuid, scopeRequestString } = (await this.#json(url, {
      method: 'POST',
      body: new URLSearchParams({ appId, challenge, ...asked }),
    })) as { uuid: string; scopeRequestString: string }
    this.#uuid = uuid
    return scopeRequestString
  }

  async poll(): Promise<{ statusCode: number; status?: string; authResponse?: string }> {
    return (await this.#json(this.#request, {})) as { statusCode: number }
  }

  async confirm(code: string | undefined): Promise<void> {
    await this.#json(`${this.#request}/confirm`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ code }),
    })
  }

  get #request(): string {
    return `${this.#url}/sip/prod/scopeRequest/${this.#uuid}`
  }

  async #json(url: string, init: globalThis.RequestInit): Promise<unknown> {
    const headers = { Origin: this.#origin, 'X-Civic-Verifier': this.#verifier, ...(init.headers as object) }
    const response = await this.#fetch(url, { ...init, headers })
    const body = await response.text()
    if (response.status >= 400) throw new Error(`${response.status} ${body}`)
    return JSON.parse(body)
  }
}
