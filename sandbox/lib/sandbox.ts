import { createServer, type Server } from 'node:http'
import { createHmac, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo } from 'node:net'
import { sealPayload } from 'passport-civic-sip/crypto'
import { ActivityLog } from './activity.ts'
import { Apps, stageOf, type App, type AppOptions } from './apps.ts'
import { devRoutes } from './dev-api.ts'
import { Exchange } from './exchange.ts'
import { type Clock } from './expiring-map.ts'
import { FaultInjector, type Fault } from './fault.ts'
import { InputError } from './http.ts'
import { newKeyPair, randomHex } from './keys.ts'
import { People, valuesOf, type Person, type PersonDescription } from './people.ts'
import { RequestStore } from './request-store.ts'
import { bracketed } from './safety.ts'
import { scopeOf } from './scopes.ts'
import { createHandler } from './server.ts'
import { exchangeRoutes } from './sip-api.ts'
import { readState, writeState, type State } from './state.ts'
import { TokenSigner } from './tokens.ts'
import { userIdOf } from './user-id.ts'
import { publicKeyOf, walletKey, type WalletKey } from './wallet-key.ts'

export interface SandboxOptions {
  /** Address to listen on. Default: 127.0.0.1, so that only this machine reaches it. */
  readonly host?: string
  /** Default: 0, a free port. */
  readonly port?: number
  /** File in which apps, people and keys survive a restart. Default: none. */
  readonly state?: string
  /** Gets a line for each request. Default: none. */
  readonly log?: (line: string) => void
  /** Milliseconds since the epoch, for tests that let time pass. Default: Date.now. */
  readonly clock?: Clock
}

/** What `CivicStrategy` needs to talk to the sandbox as one of its apps. */
export interface SandboxStrategyOptions {
  readonly appId: string
  readonly appSecret: string
  readonly prvKey: string
  /** `http://HOST:PORT/sip/` */
  readonly api: string
  /** The stage: `prod` for a live app, `test` for a test app. */
  readonly env: string
  readonly sipPublicKey: string
}

export interface AuthCodeOptions {
  /** Default: the app that is there from the start. */
  readonly appId?: string
  /** Who logs in: a made-up person's id or name, or a description of one. Default: alice. */
  readonly user?: string | PersonDescription
  /** CivicJS name or wire value. Default: BASIC_SIGNUP. */
  readonly scopeRequest?: string
}

/** An app as its partner gets it, secrets included. */
export interface CreatedApp {
  readonly appId: string
  readonly appSecret: string
  readonly prvKey: string
  readonly pubKey: string
}

/** Civic's side of the Secure Identity Platform, running. */
export class Sandbox {
  readonly #server: Server
  readonly #host: string
  readonly #options: SandboxOptions
  readonly #log: ActivityLog
  readonly #state: State
  readonly #apps: Apps
  readonly #people: People
  readonly #tokens: TokenSigner
  readonly #requests: RequestStore
  readonly #exchange: Exchange
  readonly #fault = new FaultInjector()
  #url = ''
  #sweeper: NodeJS.Timeout | undefined

  /** @internal Use `createSandbox`. */
  constructor(options: SandboxOptions) {
    const clock = options.clock ?? Date.now
    const stored = options.state === undefined ? undefined : readState(options.state)
    const changed = (): void => this.#save()
    this.#options = options
    this.#host = options.host ?? '127.0.0.1'
    this.#state = stored ?? { version: 1, secret: randomHex(32), sipKeys: newKeyPair(), apps: [], people: [] }
    this.#log = new ActivityLog(clock)
    this.#people = new People(this.#state.people, changed)
    this.#apps = new Apps(this.#state.apps, clock, changed)
    this.#tokens = new TokenSigner(this.#state.sipKeys, clock, () => this.#api)
    this.#requests = new RequestStore(clock, this.#log)
    const parts = { apps: this.#apps, requests: this.#requests, tokens: this.#tokens, log: this.#log, clock }
    this.#exchange = new Exchange({ ...parts, url: () => this.url })
    if (this.#apps.list().length === 0) this.#apps.createDefault()
    this.#server = createServer(
      createHandler({
        host: this.#host,
        log: options.log,
        routes: [exchangeRoutes(this.#exchange, this.#fault), devRoutes((wanted) => this.authCode(wanted))],
      }),
    )
  }

  /** @internal */
  async listen(): Promise<void> {
    this.#server.listen(this.#options.port ?? 0, this.#host)
    await once(this.#server, 'listening')
    const { port } = this.#server.address() as AddressInfo
    this.#url = `http://${{ '0.0.0.0': '127.0.0.1', '::': '[::1]' }[this.#host] ?? bracketed(this.#host)}:${port}`
    this.#sweeper = setInterval(() => {
      this.#requests.sweep()
      this.#exchange.sweep()
    }, 10_000).unref()
  }

  /** `http://HOST:PORT`, no slash at its end. Of a sandbox on all addresses, the one for this machine. */
  get url(): string {
    return this.#url
  }

  /**
   * @param appId default: the app that is there from the start
   * @returns options for `CivicStrategy`, and for any other client of SIP
   */
  strategyOptions(appId?: string): SandboxStrategyOptions {
    const app = this.#app(appId)
    const { appSecret, prvKey } = app.credentials[0]
    return {
      appId: app.appId,
      appSecret,
      prvKey,
      api: this.#api,
      env: stageOf(app),
      sipPublicKey: this.#tokens.pubKey,
    }
  }

  /** @throws InputError that names a wrong option */
  createApp(options: AppOptions): CreatedApp {
    const { appId, credentials } = this.#apps.create(options)
    const { appSecret, prvKey, pubKey } = credentials[0]
    return { appId, appSecret, prvKey, pubKey }
  }

  /**
   * Lets a made-up person log in at an app, without a browser.
   *
   * @returns the authorization code token that the app's page would have got
   * @throws InputError or HttpError that says which option is wrong
   */
  authCode(options: AuthCodeOptions = {}): Promise<string> {
    return Promise.resolve().then(() => {
      const app = this.#app(options.appId)
      const scope = scopeOf(options.scopeRequest ?? 'BASIC_SIGNUP')
      if (!app.scopes.includes(scope.name)) {
        throw new InputError(`app ${app.appId} is not approved for the scope request ${scope.name}`)
      }
      const person = this.#people.get(options.user)
      const requester = { origin: 'authCode()' }
      const request = this.#requests.create({ app, stage: stageOf(app), scope, requester })
      this.#requests.move(request, 'read')
      const values = valuesOf(person)
      const items = scope.labels.map((label) => ({
        label,
        value: values.get(label),
        isValid: true,
        isOwner: true,
      }))
      const plain = JSON.stringify(items)
      const code = randomUUID()
      const authToken = this.#tokens.authCode(app.appId, code)
      this.#requests.grant(request, {
        userId: userIdOf(this.#state.secret, app.appId, publicKeyOf(this.#keyOf(person).xpub)),
        code,
        authToken,
        sealed: new Map(
          app.credentials.map(({ keyId, appSecret }) => [keyId, sealPayload(plain, appSecret)]),
        ),
      })
      return authToken
    })
  }

  /** Makes the exchange misbehave, see `Fault`. @throws InputError that names a wrong option */
  fault(fault: Fault): void {
    this.#fault.set(fault)
  }

  /** Stops: cuts every connection, leaves no timer. */
  async close(): Promise<void> {
    clearInterval(this.#sweeper)
    this.#fault.close()
    this.#server.close()
    this.#server.closeAllConnections()
    if (this.#server.listening) await once(this.#server, 'close')
  }

  /** The API base: `api` of every client, `aud` of every token. */
  get #api(): string {
    return `${this.url}/sip/`
  }

  #app(appId: string | undefined): App {
    const [first] = this.#apps.list()
    if (appId === undefined && first) return first
    return this.#apps.get(appId ?? '')
  }

  #keyOf(person: Person): WalletKey {
    return walletKey(createHmac('sha512', this.#state.secret).update(`person\0${person.id}`).digest())
  }

  #save(): void {
    if (this.#options.state === undefined) return
    const { version, secret, sipKeys } = this.#state
    writeState(this.#options.state, {
      version,
      secret,
      sipKeys,
      apps: this.#apps.list(),
      people: this.#people.descriptions(),
    })
  }
}

/**
 * Starts a sandbox.
 *
 * @returns once it listens
 * @throws Error if the port is taken, or the state file is not one
 */
export async function createSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const sandbox = new Sandbox(options)
  await sandbox.listen()
  return sandbox
}
