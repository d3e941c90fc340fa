import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { generateKeyPairSync } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { EmbeddedLedger } from 'civic-attestations'
import type { DirectOptions } from '../../lib/direct/index.ts'
import { DirectRequests } from '../../lib/direct/index.ts'
import { listen, send } from './http.ts'
import type { Listening, Reply } from './http.ts'

export function newKey(): KeyObject {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
}

/** Options that are right, for a site that nobody connects to. */
export const OPTIONS: DirectOptions = {
  origin: 'https://shop.example',
  mount: '/civic',
  name: 'Shop',
  prvKey: newKey(),
  scopeRequests: ['BASIC_SIGNUP', 'ANONYMOUS_LOGIN'],
  ledger: new EmbeddedLedger(),
  authorities: [],
  walletUrl: 'https://wallet.example/wallet',
}

export interface Started {
  readonly uuid: string
  readonly link: string
  readonly timeout: number
  readonly cookie: string
  readonly url: string
}

/** A response with its JSON. */
export interface JsonReply extends Reply {
  readonly json: Record<string, unknown>
}

/** A site on a free port of this machine that asks wallets itself, with nothing else on its server. */
export class Shop {
  readonly origin: string
  readonly port: number
  readonly direct: DirectRequests
  readonly #listening: Listening

  private constructor(listening: Listening, direct: DirectRequests) {
    this.#listening = listening
    this.port = listening.port
    this.origin = originOf(listening)
    this.direct = direct
  }

  static async start(options: Partial<DirectOptions> = {}): Promise<Shop> {
    let handle = (_req: IncomingMessage, _res: ServerResponse): void => undefined
    const listening = await listen(createServer((req, res) => handle(req, res)))
    const direct = new DirectRequests({ ...OPTIONS, origin: originOf(listening), ...options })
    handle = (req, res) => {
      // As a framework that trusts its proxy says it
      const from = req.headers['x-test-ip']
      if (from !== undefined) Object.assign(req, { ip: from })
      direct.routes(req, res, (error) => {
        res.statusCode = error ? 500 : 404
        res.end(error ? 'error' : 'next')
      })
    }
    return new Shop(listening, direct)
  }

  stop(): Promise<void> {
    return this.#listening.close()
  }

  async send(
    method: string,
    path: string,
    { body, headers = {} }: { body?: unknown; headers?: Record<string, string> } = {},
  ): Promise<JsonReply> {
    const text = typeof body === 'string' || body === undefined ? body : JSON.stringify(body)
    const reply = await send(this.port, {
      method,
      path,
      headers: { ...(text !== undefined && { 'Content-Type': 'application/json' }), ...headers },
      ...(text !== undefined && { body: text }),
    })
    let json: Record<string, unknown> = {}
    try {
      json = JSON.parse(reply.text) as Record<string, unknown>
    } catch {
      // A page or a file
    }
    return { ...reply, json }
  }

  /** M1, as the site's own page sends it. */
  async begin(body: unknown = { channel: 'scan' }, headers: Record<string, string> = {}): Promise<Started> {
    const reply = await this.send('POST', '/civic/start', {
      body,
      headers: { 'Sec-Fetch-Site': 'same-origin', ...headers },
    })
    if (reply.status !== 201) throw new Error(`M1 gave ${reply.status}: ${reply.text}`)
    const [set = ''] = (reply.headers['set-cookie'] ?? []) as string[]
    const started = reply.json as unknown as Started
    const cookie = set.split(';')[0] || (headers['Cookie'] ?? '')
    return { ...started, cookie, url: started.link.slice(started.link.indexOf('#') + 1) }
  }

  poll({ uuid, cookie }: Pick<Started, 'uuid' | 'cookie'>): Promise<JsonReply> {
    return this.send('GET', `/civic/${uuid}`, { headers: { Cookie: cookie } })
  }

  async token({ uuid }: Pick<Started, 'uuid'>): Promise<string> {
    const { json } = await this.send('GET', `/civic/${uuid}/callback`)
    return json['token'] as string
  }

  answer({ uuid }: Pick<Started, 'uuid'>, answer: unknown): Promise<JsonReply> {
    return this.send('POST', `/civic/${uuid}/callback`, { body: { answer } })
  }

  answerFrom(address: string, { uuid }: Started, answer: unknown): Promise<JsonReply> {
    const headers = { 'X-Test-Ip': address }
    return this.send('POST', `/civic/${uuid}/callback`, { body: { answer }, headers })
  }
}

function originOf({ port }: Listening): string {
  return `http://localhost:${port}`
}
