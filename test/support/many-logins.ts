import { randomBytes } from 'node:crypto'
import { Wallet } from 'civic-wallet'
import { CivicClient, CivicError } from 'passport-civic-sip'
import type { CivicClientOptions } from 'passport-civic-sip'
import { Agent, buildConnector, fetch as send } from 'undici'
import type { RequestInit } from 'undici'
import { AskingPage } from './through-proxy.ts'

type Fetch = typeof globalThis.fetch

/** How often a step of a login is tried. Faults alone cannot fail it so often. */
const TRIES = 12
const SITE = 'https://shop.example.org'

export interface Load {
  /** The server's URL for people. */
  readonly url: string
  /** The ports of its processes on this machine. Connections use them in turn. */
  readonly ports: readonly number[]
  /** Apps that allow `https://shop.example.org`. */
  readonly apps: readonly Pick<CivicClientOptions, 'appId' | 'appSecret' | 'prvKey'>[]
  readonly sipPublicKey: string
  /** The number of people. Each one logs in repeatedly, at one app after the other. */
  readonly people: number
  /** One in this many calls fails, with one fault after the other. Default: no call. */
  readonly failing?: number
}

/** The wrong results of a load. A correct server has no such result. */
export interface Wrongs {
  /** Logins that ended in an error. */
  readonly lost: readonly string[]
  /** Codes that were exchanged more than once. */
  readonly doubled: number
  /** Logins as somebody else. */
  readonly mistaken: number
  /** Codes that the server refused, although it never responded to their exchange. */
  readonly refused: number
}

/** Logs many people in at a server at once, with wallets without a screen, and keeps account of each code. */
export class ManyLogins {
  readonly #load: Load
  readonly #agent: Agent
  readonly #people: readonly Person[]
  readonly #clients: readonly CivicClient[]
  readonly #sipId: string
  /** How often the server exchanged each code. */
  readonly #exchanged = new Map<string, number>()
  /** Codes whose exchange failed, so that only the server knows whether they are used. */
  readonly #doubtful = new Set<string>()
  #calls = 0
  #begun = 0
  done = 0
  /** Logins that started again, because a response was lost that the server does not repeat. */
  again = 0
  readonly #lost: string[] = []
  #mistaken = 0
  #refused = 0

  private constructor(load: Load, agent: Agent, sipId: string) {
    const { url, people, sipPublicKey, apps } = load
    this.#load = load
    this.#agent = agent
    this.#sipId = sipId
    this.#people = Array.from({ length: people }, (_, at) => {
      const fetch = this.#fetchAs(`10.1.${at >> 8}.${at & 255}`)
      return new Person(
        new Wallet({ seed: randomBytes(32), trustedSips: [url], fetch, allowPrivate: true }),
        fetch,
      )
    })
    this.#clients = apps.map((app, at) => {
      const fetch = this.#fetchAs(`10.2.0.${at}`)
      return new CivicClient({ ...app, api: `${url}/sip/`, sipPublicKey, fetch, retries: 0 })
    })
  }

  static async start(load: Load): Promise<ManyLogins> {
    const agent = new Agent({ connect: takingTurns(load.ports) })
    const response = await send(`${load.url}/.well-known/civic-sip`, { dispatcher: agent })
    return new ManyLogins(load, agent, ((await response.json()) as { sipId: string }).sipId)
  }

  /** @param each called when a login begins */
  async run(count: number, concurrency: number, each?: (login: number) => void): Promise<void> {
    const end = this.#begun + count
    const worker = async (): Promise<void> => {
      while (this.#begun < end) {
        const login = this.#begun++
        each?.(login)
        await this.#login(login).catch((error: unknown) => this.#lost.push(String(error)))
      }
    }
    await Promise.all(Array.from({ length: concurrency }, worker))
  }

  get wrongs(): Wrongs {
    const doubled = [...this.#exchanged.values()].filter((times) => times > 1).length
    return { lost: this.#lost, doubled, mistaken: this.#mistaken, refused: this.#refused }
  }

  /** The number of exchanged codes, and of codes whose state only the server knows. */
  get codes(): { exchanged: number; doubtful: number } {
    return { exchanged: this.#exchanged.size, doubtful: this.#doubtful.size }
  }

  close(): Promise<void> {
    return this.#agent.close()
  }

  async #login(login: number): Promise<void> {
    const person = this.#people[login % this.#people.length]!
    const at = login % this.#load.apps.length
    for (let tries = 0; ; tries++) {
      const token = await this.#code(person, this.#load.apps[at]!.appId)
      const userId = await this.#exchange(this.#clients[at]!, token)
      if (userId !== undefined) {
        if (userId !== person.userId(`sip:${this.#sipId} ${this.#load.apps[at]!.appId}`)) this.#mistaken++
        this.done++
        return
      }
      if (tries === TRIES) throw new Error('every code was spent')
      this.again++
    }
  }

  async #code({ wallet, fetch }: Person, appId: string): Promise<string> {
    const { url } = this.#load
    const page = new AskingPage(fetch, url, SITE)
    const link = await insist(() => page.ask(appId, 'ANONYMOUS_LOGIN'))
    const request = await insist(() => wallet.read(link))
    const { confirm } = await insist(() => wallet.approve(request))
    await insist(() => page.confirm(confirm))
    return insist(async () => {
      const { authResponse } = await page.poll()
      if (authResponse === undefined) throw new Error('there is no code')
      return authResponse
    })
  }

  /** @returns undefined if the code was used */
  async #exchange(client: CivicClient, token: string): Promise<string | undefined> {
    return insist(async () => {
      try {
        return (await client.exchangeCode(token)).userId
      } catch (error) {
        if (!(error instanceof CivicError) || error.code !== 'CIVIC_CODE_REJECTED') throw error
        if (!this.#exchanged.has(token) && !this.#doubtful.has(token)) this.#refused++
        return undefined
      }
    })
  }

  /** Calls from this address, and fails as the load asks. */
  #fetchAs(address: string): Fetch {
    const call = async (input: string, init: RequestInit): Promise<Response> => {
      const headers = { ...(init.headers as Record<string, string>), 'X-Forwarded-For': address }
      const token = codeIn(input, init.body)
      try {
        const response = await send(input, { ...init, headers, dispatcher: this.#agent })
        if (token !== undefined && response.status === 200)
          this.#exchanged.set(token, (this.#exchanged.get(token) ?? 0) + 1)
        if (token !== undefined && response.status >= 500) this.#doubtful.add(token)
        return response as unknown as Response
      } catch (error) {
        if (token !== undefined) this.#doubtful.add(token)
        throw error
      }
    }
    const fetch = (input: string, init: RequestInit = {}): Promise<Response> => {
      const { failing = Infinity } = this.#load
      const number = ++this.#calls
      if (number % failing !== 0) return call(input, init)
      return FAULTS[(number / failing) % FAULTS.length]!(() => call(input, init))
    }
    return fetch as unknown as Fetch
  }
}

class Person {
  readonly #userIds = new Map<string, string>()

  constructor(
    readonly wallet: Wallet,
    readonly fetch: Fetch,
  ) {}

  userId(client: string): string {
    const userId = this.#userIds.get(client) ?? this.wallet.userId(client)
    this.#userIds.set(client, userId)
    return userId
  }
}

/** The faults that replace a call. */
const FAULTS: readonly ((call: () => Promise<Response>) => Promise<Response>)[] = [
  // The connection is refused
  () => Promise.reject(new TypeError('fetch failed')),
  // The response is lost
  async (call) => {
    await (await call()).arrayBuffer()
    throw new TypeError('terminated')
  },
  // The response is cut off
  async (call) => {
    const response = await call()
    const body = Buffer.from(await response.arrayBuffer())
    return new Response(body.subarray(0, body.length / 2), response)
  },
  // A proxy says that the server is unavailable
  () => Promise.resolve(new Response('{"message":"try again"}', { status: 503 })),
  // A proxy responds with its error page
  () => Promise.resolve(new Response('<!doctype html><title>Oops</title>')),
]

/** The code in the body of an exchange. */
function codeIn(input: string, body: unknown): string | undefined {
  if (!input.endsWith('/authCode') || typeof body !== 'string') return undefined
  return (JSON.parse(body) as { authToken: string }).authToken
}

/** Connects to one port after the other, and ignores the port of the address. */
function takingTurns(ports: readonly number[]): buildConnector.connector {
  const connect = buildConnector({})
  let next = 0
  return (options, callback) => {
    const port = String(ports[next++ % ports.length])
    connect({ ...options, hostname: '127.0.0.1', port }, callback)
  }
}

/** Repeats a step until it succeeds. A step that can be repeated succeeds despite the network's faults. */
async function insist<T>(step: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await step()
    } catch (error) {
      if (tries === TRIES) throw error
    }
  }
}
