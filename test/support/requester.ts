import { createECDH, randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { signRequestToken, wellKnownKey } from '../../lib/direct/index.ts'
import type { RequestData, WellKnown } from '../../lib/direct/index.ts'
import { newKey } from './shop.ts'
import { serve } from './http.ts'
import type { Listening } from './http.ts'

type Handler = (req: IncomingMessage, res: ServerResponse) => void
type Json = Record<string, unknown>

/** A requester whose every word a test can change. */
export class Requester {
  readonly key = newKey()
  readonly uuid = randomUUID()
  readonly requests: { method: string; path: string; headers: IncomingMessage['headers']; body: string }[] =
    []
  /** In place of what it serves at a path. */
  readonly handlers = new Map<string, Handler>()
  /** What it responds to an answer. */
  response: [status: number, body: unknown] = [200, { status: 'resolved', confirm: '123456' }]
  wellKnown: (document: WellKnown) => unknown = (document) => document
  token: (claims: Json) => string = (claims) => signRequestToken(claims as never, this.key)
  #listening!: Listening

  async start(): Promise<this> {
    this.#listening = await serve((req, res) => {
      const chunks: Buffer[] = []
      req.on('data', (chunk: Buffer) => chunks.push(chunk))
      req.on('end', () => {
        const { method = '', url: path = '', headers } = req
        this.requests.push({ method, path, headers, body: Buffer.concat(chunks).toString() })
        const handler = this.handlers.get(path)
        if (handler) return handler(req, res)
        const [status, body] = this.#respond(method, path)
        res.writeHead(status, { 'Content-Type': 'application/json', 'Access-Control-Allow-Origin': '*' })
        res.end(typeof body === 'string' ? body : JSON.stringify(body))
      })
    })
    return this
  }

  stop(): Promise<void> {
    return this.#listening.close()
  }

  get origin(): string {
    return `http://localhost:${this.#listening.port}`
  }

  get path(): string {
    return `/civic/${this.uuid}/callback`
  }

  get url(): string {
    return this.origin + this.path
  }

  get claims(): Json & { data: RequestData } {
    const { origin, uuid, url } = this
    const iat = Math.floor(Date.now() / 1000)
    const pair = createECDH('prime256v1')
    return {
      iss: origin,
      sub: origin,
      aud: 'civic-wallet',
      jti: uuid,
      iat,
      exp: iat + 180,
      data: {
        clientId: origin,
        name: 'Shop',
        verificationLevel: 'Anonymous_Login',
        description: 'Shop asks',
        callbackUrl: url,
        attributes: [],
        optionalAttributes: [],
        encPubKey: pair.generateKeys('hex'),
        channel: 'scan',
        isTest: false,
        requester: { origin, address: '192.0.2.0/24', userAgent: 'Firefox on Linux' },
      },
    }
  }

  get document(): WellKnown {
    const { origin, key } = this
    return {
      version: 1,
      role: 'site',
      clientId: origin,
      name: 'Shop',
      callback: `${origin}/civic/`,
      keys: [wellKnownKey(key)],
    }
  }

  #respond(method: string, path: string): [number, unknown] {
    if (path === '/.well-known/civic-sip') return [200, this.wellKnown(this.document)]
    if (!path.endsWith('/callback')) return [404, {}]
    return method === 'POST' ? this.response : [200, { token: this.token(this.claims) }]
  }
}
