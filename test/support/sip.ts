import { createHash, generateKeyPairSync, randomBytes, randomUUID, sign } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { privateKeyHex, publicKeyHex, sealPayload } from '../../lib/crypto.ts'
import type { CivicStrategyOptions, UserDataItem } from '../../lib/index.ts'

export function newKeys(): { privateKey: KeyObject; publicKey: KeyObject } {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' })
}

export function base64url(value: unknown): string {
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')
}

/** Signs any header and payload, given as values or as raw JSON text, as ES256. */
export function forge(header: unknown, payload: unknown, key: KeyObject): string {
  const signed = `${base64url(header)}.${base64url(payload)}`
  const signature = sign('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' })
  return `${signed}.${signature.toString('base64url')}`
}

export const APP_ID = 'app12345'
export const APP_SECRET = '44bbae32d1e02bf481074177002bbdef'
export const USER_ID = createHash('sha256').update('an invented person').digest('hex')
export const ITEMS = [
  { label: 'contact.personal.email', value: 'zoe@example.org', isValid: true, isOwner: true },
  { label: 'contact.personal.phoneNumber', value: '+1 555 0100', isValid: true, isOwner: true },
]

export interface Exchange {
  readonly req: IncomingMessage
  readonly body: string
}

/** An item of data; its flags say whether it holds. */
export type Item = Pick<UserDataItem, 'label' | 'value' | 'isValid' | 'isOwner'>

export function item(label: string, value: unknown, flags: Partial<Item> = {}): Item {
  return { label, value, isValid: true, isOwner: true, ...flags }
}

export interface Approval {
  /** Default: somebody new. */
  readonly userId?: string
  /** Default: none. */
  readonly items?: readonly Item[]
  /** Seconds since the token was issued. Default: 0. */
  readonly age?: number
}

type Answer = (res: ServerResponse, exchange: Exchange) => unknown

/** A SIP on a free port that answers as it is told, and signs with its key. */
export class FakeSip {
  readonly keys = newKeys()
  readonly app = newKeys()
  readonly exchanges: Exchange[] = []
  /** What to answer: the last one stays. */
  answers: Answer[] = []
  /** What the tokens of people who approved are exchanged for. */
  readonly #approved = new Map<string, Record<string, unknown>>()
  #server: Server | undefined

  async start(): Promise<this> {
    // The first request loads it, and may have a short deadline
    await Promise.all([import('node-fetch'), import('../../lib/sign-token.ts')])
    this.#server = createServer((req, res) => void this.#handle(req, res))
    // Far from the client's own four seconds, which a server's hint would lower
    this.#server.keepAliveTimeout = 60_000
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    return this
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server?.close(resolve))
    this.#server?.closeAllConnections()
    await closed
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server?.address() as AddressInfo).port}`
  }

  get api(): string {
    return `${this.origin}/sip/`
  }

  get options(): CivicStrategyOptions {
    return {
      appId: APP_ID,
      appSecret: APP_SECRET,
      prvKey: privateKeyHex(this.app.privateKey),
      api: this.api,
      sipPublicKey: publicKeyHex(this.keys.publicKey),
    }
  }

  /** The claims of a fresh authorization code token, changed as told. */
  claims(changes: Record<string, unknown> = {}): Record<string, unknown> {
    const iat = Date.now() / 1000
    return {
      jti: randomUUID(),
      iat,
      exp: iat + 1800,
      iss: 'civic-sip-hosted-service',
      aud: this.api,
      sub: APP_ID,
      data: { codeToken: randomUUID() },
      ...changes,
    }
  }

  /** A genuine authorization code token, or one with claims changed and signed by the genuine key all the same. */
  token(changes: Record<string, unknown> = {}): string {
    return this.sign(this.claims(changes))
  }

  sign(payload: unknown, header: unknown = { alg: 'ES256', typ: 'JWT' }): string {
    return forge(header, payload, this.keys.privateKey)
  }

  dataToken(changes: Record<string, unknown> = {}, items: unknown = ITEMS): string {
    return this.token({ data: sealPayload(JSON.stringify(items), APP_SECRET), ...changes })
  }

  /** @returns an authorization code token that is exchanged for these items, whatever `answers` says */
  approve({ userId = randomBytes(32).toString('hex'), items = [], age = 0 }: Approval = {}): string {
    const iat = Date.now() / 1000 - age
    const token = this.token({ iat, exp: iat + 1800 })
    this.#approved.set(token, this.successBody({ userId, data: this.dataToken({}, items) }))
    return token
  }

  /** The body of SIP's 200, changed as told. */
  successBody(changes: Record<string, unknown> = {}): Record<string, unknown> {
    return { data: this.dataToken(), userId: USER_ID, encrypted: true, alg: 'aes', ...changes }
  }

  /** SIP's 200, changed as told. */
  success(changes: Record<string, unknown> = {}): Answer {
    return (res) => json(res, 200, this.successBody(changes))
  }

  async #handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of req) chunks.push(chunk as Buffer)
    const exchange = { req, body: Buffer.concat(chunks).toString() }
    this.exchanges.push(exchange)
    const answer = this.answers.length > 1 ? this.answers.shift() : this.answers[0]
    const approved = this.#approved.size > 0 && this.#approved.get(tokenOf(exchange))
    if (approved) json(res, 200, approved)
    else await (answer ?? this.success())(res, exchange)
  }
}

function tokenOf({ body }: Exchange): string {
  return (JSON.parse(body) as { authToken: string }).authToken
}

export function json(
  res: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  res.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(JSON.stringify(body))
}

/** Answers this status with a body that must reach nobody. */
export function status(code: number, headers: Record<string, string> = {}): Answer {
  return (res) => json(res, code, { message: 'REMOTE-BODY' }, headers)
}
