import { once } from 'node:events'
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { checkApproved, stageOf } from 'civic-sip-server'
import type { App, AppOptions } from 'civic-sip-server'
import { devRoutes } from './dev-api.ts'
import type { Clock } from 'civic-sip-server'
import type { Fault } from './fault.ts'
import { lockFile } from 'civic-sip-server'
import { HeadlessWallet } from './headless-wallet.ts'
import { checkKnown, HttpError } from 'civic-sip-server'
import { newKeyPair, randomHex } from 'civic-sip-server'
import { Parts } from './parts.ts'
import type { PersonDescription } from './people.ts'
import { bracketed } from 'civic-sip-server'
import { scopeOf } from 'civic-sip-server'
import { createHandler } from 'civic-sip-server'
import { readState, writeState } from './state.ts'
import type { State } from './state.ts'
import { unref } from 'civic-sip-server'
import { approval } from 'civic-wallet/hosted'

export interface SandboxOptions {
  /** Address to listen on. Default: 127.0.0.1, so that only this machine reaches it. */
  readonly host?: string
  /**
   * Further host names by which the sandbox is reached, say from another container; a request with another `Host` is
   * refused. Default: none.
   */
  readonly allowHosts?: readonly string[]
  /** Default: 0, a free port. */
  readonly port?: number
  /** File in which apps, people, keys and the blockchain survive a restart. Default: none. */
  readonly state?: string
  /** Base of an Esplora server's API, whose blockchain is used in place of the sandbox's blockchain. */
  readonly esplora?: string
  /** Milliseconds until what is sent to the sandbox's own blockchain is in a block. Default: 0, at once. */
  readonly blockDelayMs?: number
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
  /** The test user who logs in: an id or name, or a description. Default: alice. */
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

const SANDBOX_OPTIONS = {
  host: true,
  allowHosts: true,
  port: true,
  state: true,
  esplora: true,
  blockDelayMs: true,
  log: true,
  clock: true,
} satisfies Record<keyof SandboxOptions, true>
const AUTH_CODE_OPTIONS = {
  appId: true,
  user: true,
  scopeRequest: true,
} satisfies Record<keyof AuthCodeOptions, true>

const SWEEP_MS = 10_000

/** Civic's side of the Secure Identity Platform, running. */
export class Sandbox {
  readonly #options: SandboxOptions
  readonly #host: string
  readonly #state: State
  readonly #parts: Parts
  readonly #server: Server
  readonly #unlock: (() => Promise<void>) | undefined
  #isClosed = false
  #url = ''
  #sweeper: NodeJS.Timeout | undefined

  /**
   * @internal Use `createSandbox`.
   * @param unlock gives the state file back
   */
  constructor(options: SandboxOptions, unlock?: () => Promise<void>) {
    this.#unlock = unlock
    const { state: file, log, host = '127.0.0.1', clock = Date.now, esplora, blockDelayMs } = options
    const { allowHosts = [] } = options
    this.#options = options
    this.#host = host
    this.#state = (file === undefined ? undefined : readState(file)) ?? newState()
    this.#parts = new Parts({
      state: this.#state,
      clock,
      esplora,
      blockDelayMs,
      url: () => this.#url,
      changed: () => this.#save(),
    })
    const { apps } = this.#parts
    if (apps.list().length === 0) apps.createDefault()
    const routes = [devRoutes((wanted) => this.authCode(wanted)), ...this.#parts.routes()]
    this.#server = createServer(createHandler({ host, allowHosts, log, routes }))
  }

  /** @internal */
  async listen(): Promise<void> {
    this.#server.listen(this.#options.port ?? 0, this.#host)
    await once(this.#server, 'listening')
    const { port } = this.#server.address() as AddressInfo
    this.#url = `http://${{ '0.0.0.0': '127.0.0.1', '::': '[::1]' }[this.#host] ?? bracketed(this.#host)}:${port}`
    this.#sweeper = unref(setInterval(() => this.#parts.sweep(), SWEEP_MS))
  }

  /** `http://HOST:PORT`, no slash at its end. Of a sandbox on all addresses, the one for this machine. */
  get url(): string {
    return this.#url
  }

  /** The blockchain that attestations are anchored on, as the base of Esplora's HTTP API. */
  get ledgerUrl(): string {
    return `${this.#url}/ledger`
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
      api: `${this.#url}/sip/`,
      env: stageOf(app),
      sipPublicKey: this.#parts.tokens.pubKey,
    }
  }

  /** @throws InputError, a TypeError, that names a wrong option */
  createApp(options: AppOptions): CreatedApp {
    const { appId, credentials } = this.#parts.apps.create(options)
    const { appSecret, prvKey, pubKey } = credentials[0]
    return { appId, appSecret, prvKey, pubKey }
  }

  /**
   * Lets a test user log in at an app, without a browser: the same grant with the same checks, but for the QR
   * code and the way over HTTP.
   *
   * @returns the authorization code token that the app's page would have got
   * @throws InputError, HttpError that says which option is wrong
   */
  async authCode(options: AuthCodeOptions = {}): Promise<string> {
    checkKnown(options, AUTH_CODE_OPTIONS)
    const { appId, user, scopeRequest = 'BASIC_SIGNUP' } = options
    const { people, wallets, attester, requests, granting } = this.#parts
    const app = this.#app(appId)
    const scope = scopeOf(scopeRequest)
    checkApproved(app, scope)
    const person = people.get(user)
    const { key } = wallets.of(person)
    const held = await wallets.attested(person, scope.labels, attester)
    const request = requests.create({ app, stage: stageOf(app), scope, requester: { origin: 'authCode()' } })
    const answer = approval(granting.read(request.uuid, key.xpub), key, held)
    await granting.decide(request.uuid, key.xpub, answer)
    if (!request.grant) throw new HttpError(503, request.reason ?? 'the grant failed')
    return request.grant.authToken
  }

  /**
   * The wallet of a test user, without a screen.
   * @param person as `user` of `authCode`. Default: alice
   */
  wallet(person?: string | PersonDescription): HeadlessWallet {
    return new HeadlessWallet(this.#parts.people.get(person), this.#parts.wallets, () => this.#url)
  }

  /**
   * Revokes an attestation, and with it all that share its anchor, and what else is attested of the same email
   * address or document number.
   * @throws HttpError 404 if there is none, 409 if it is revoked already
   */
  revoke(anchor: { readonly txid: string; readonly vout: number }): Promise<void> {
    return this.#parts.issuer.revoke(anchor)
  }

  /** Puts what waits into a block of the sandbox's own blockchain. For a sandbox with `blockDelayMs`. */
  mine(): void {
    this.#parts.chain.mine()
  }

  /** Makes the exchange misbehave, see `Fault`. @throws InputError that names a wrong option */
  fault(fault: Fault = {}): void {
    this.#parts.fault.set(fault)
  }

  /** Stops: cuts every connection, leaves no timer. */
  async close(): Promise<void> {
    this.#isClosed = true
    clearInterval(this.#sweeper)
    this.#parts.close()
    if (this.#server.listening) {
      const closed = once(this.#server, 'close')
      this.#server.close()
      this.#server.closeAllConnections()
      await closed
    }
    await this.#unlock?.()
  }

  #app(appId: string | undefined): App {
    const [first] = this.#parts.apps.list()
    return appId === undefined && first ? first : this.#parts.apps.get(appId)
  }

  #save(): void {
    // Once it is closed the file may be another's.
    if (this.#options.state === undefined || this.#isClosed) return
    const { version, secret, sipKeys } = this.#state
    writeState(this.#options.state, {
      version,
      secret,
      sipKeys,
      apps: this.#parts.apps.list(),
      people: this.#parts.people.descriptions(),
      issued: this.#parts.issuer.list().toReversed(),
      // A blockchain of its own outlives the time when another is used.
      ledger: this.#parts.chain.snapshot() ?? this.#state.ledger,
    })
  }
}

function newState(): State {
  return { version: 1, secret: randomHex(32), sipKeys: newKeyPair(), apps: [], people: [] }
}

/**
 * Starts a sandbox.
 *
 * @returns once it listens
 * @throws TypeError for an unknown option; Error if the port is taken, or the state file is not one, or another sandbox
 *   uses it
 */
export async function createSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  checkKnown(options, SANDBOX_OPTIONS)
  const unlock = options.state === undefined ? undefined : await lockFile(options.state)
  let sandbox: Sandbox | undefined
  try {
    sandbox = new Sandbox(options, unlock)
    await sandbox.listen()
    return sandbox
  } catch (error) {
    // What fails after it listens must not leave a server that nobody holds
    await (sandbox ? sandbox.close() : unlock?.())
    throw error
  }
}
