import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { EmbeddedLedger } from 'civic-attestations'
import { createSip, MemoryPartnerStores, MemoryStores } from 'civic-sip-server'
import type { AttesterOptions, Network, PartnerStores, Sip, Stores } from 'civic-sip-server'
import { PostgresPartnerStores, PostgresStores, Sealer } from 'civic-sip-server/database'
import type { Database } from 'civic-sip-server/database'
import { Wallet } from 'civic-wallet'
import { newKeyPair } from '../../../../sandbox/lib/new-keys.ts'
import { listen } from '../../../support/http.ts'
import type { Listening } from '../../../support/http.ts'

export interface Reply {
  readonly status: number
  readonly json: never
  readonly text: string
  readonly setCookie: readonly string[]
}

/** A host of the internet that shows this value, or none. */
export const hosts = new Map<string, string>()

/** Without a connection: TXT records alone. */
export const RECORDS: Network = {
  addresses: () => Promise.reject(new Error('there is no address')),
  records: (name) => {
    const value = hosts.get(name.replace('_civic-domain-proof.', ''))
    return Promise.resolve(value === undefined ? [] : [[`civic-domain-proof=${value}`]])
  },
  connect: () => Promise.reject(new Error('nothing may connect')),
}

/** A server with accounts, on a free port of this machine. */
export class Server {
  readonly sip: Sip
  readonly stores: Stores
  readonly partnerStores: PartnerStores
  time = Date.now()
  readonly #listening: Listening
  #seeds = 0

  private constructor(listening: Listening, url: string, database?: Database, attester?: AttesterOptions) {
    this.#listening = listening
    const clock = (): number => this.time
    const sealer = new Sealer(['cd'.repeat(32)])
    this.stores = database ? new PostgresStores(database, { sealer, clock }) : new MemoryStores({ clock })
    this.partnerStores = database ? new PostgresPartnerStores(database.pool) : new MemoryPartnerStores()
    this.sip = createSip({
      url,
      secret: 'ab'.repeat(32),
      keys: newKeyPair(),
      ledger: new EmbeddedLedger({ now: Date.now }),
      mailer: { send: () => undefined },
      stores: this.stores,
      partners: { stores: this.partnerStores, network: RECORDS },
      ...(attester && { attester }),
      clock,
    })
  }

  /** @param database where it keeps everything. Default: in memory */
  static async start(database?: Database, attester?: AttesterOptions): Promise<Server> {
    const server = createServer()
    const listening = await listen(server)
    const made = new Server(listening, `http://localhost:${listening.port}`, database, attester)
    server.on('request', made.sip.router)
    return made
  }

  async stop(): Promise<void> {
    await this.sip.close()
    await this.#listening.close()
  }

  /** Somebody with a new wallet, who is nobody here yet. */
  person(): Somebody {
    this.#seeds += 1
    return new Somebody(this.sip.url, this.#seeds.toString(16).padStart(32, '0'))
  }

  /** The owner of a new partner. */
  async owner(partnerName: string): Promise<Somebody> {
    const person = this.person()
    await person.join(await this.sip.invite(), { name: `Owner of ${partnerName}`, partnerName })
    return person
  }

  async operator(): Promise<Somebody> {
    const person = this.person()
    await person.join(await this.sip.invite({ operator: true }), { name: 'Operator' })
    return person
  }

  /** A member whom the owner of a partner, or an operator, invited. */
  async member(by: Somebody, role: string): Promise<Somebody> {
    const partnerId = await by.partnerId()
    const { json, status } = await by.send('POST', `partners/${partnerId}/invites`, { role })
    assert.equal(status, 201)
    const person = this.person()
    await person.join((json as { link: string }).link, { name: `A ${role}` })
    return person
  }
}

/** A person with a browser and a wallet. */
export class Somebody {
  readonly wallet: Wallet
  readonly cookies = new Map<string, string>()
  readonly #url: string

  constructor(url: string, seed: string) {
    this.#url = url
    this.wallet = new Wallet({ seed, allowPrivate: true })
  }

  /** Sends what the dashboard's page sends. @param path below `/dashboard/api`, or from `/` on */
  async send(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Reply> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const url = `${this.#url}${path.startsWith('/') ? '' : '/dashboard/api/'}${path}`
    const response = await fetch(url, {
      method,
      headers: {
        'Sec-Fetch-Site': 'same-origin',
        ...(cookie && { Cookie: cookie }),
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const setCookie = response.headers.getSetCookie()
    for (const set of setCookie) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? []
      if (value === '') this.cookies.delete(name)
      else this.cookies.set(name, value)
    }
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
