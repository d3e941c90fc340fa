import { isIP } from 'node:net'
import { createSip, currentApp, MAX_APPS, newApp, tooManyApps } from 'civic-sip-server'
import type { App, AppOptions, Link, Sip } from 'civic-sip-server'
import { checkKnown, HttpError, InputError, parseHostName, read } from 'civic-sip-server/http'
import { lockFile } from 'civic-sip-server/lock'
import { Labels } from 'passport-civic-sip/user-data'
import { askForCode, OWN_ORIGIN } from './ask-for-code.ts'
import { AuthCodeWish } from './auth-code-options.ts'
import type { AuthCodeOptions } from './auth-code-options.ts'
import { EXAMPLE_APP, firstApp } from './first-app.ts'
import type { Fault } from './fault.ts'
import { HeadlessWallet } from './headless-wallet.ts'
import { bracketed, isLoopback, namesOf, originsOf } from './hosts.ts'
import { closeAll, listenTwice } from './listen.ts'
import type { Listeners } from './listen.ts'
import { newKeyPair } from './new-keys.ts'
import { valuesOf } from './people.ts'
import type { Person, PersonDescription } from './people.ts'
import { SANDBOX_OPTIONS } from './sandbox-options.ts'
import type { SandboxOptions } from './sandbox-options.ts'
import type { CreatedApp, SandboxDirectOptions, SandboxStrategyOptions } from './site-options.ts'
import { newState, readState, writeState } from './state.ts'
import type { State } from './state.ts'
import { walletServer } from './wallet-server.ts'
import { World } from './world.ts'

/** Civic's side of the Secure Identity Platform, running. */
export class Sandbox {
  readonly #options: SandboxOptions
  readonly #state: State
  readonly #world: World
  readonly #sip: Sip
  readonly #listeners: Listeners
  readonly #unlock: (() => Promise<void>) | undefined
  #isClosed = false

  /**
   * @internal Use `createSandbox`.
   * @param listeners already listening, so that their URLs are known
   * @param unlock releases the state file
   */
  constructor(options: SandboxOptions, listeners: Listeners, unlock?: () => Promise<void>) {
    this.#unlock = unlock
    this.#options = options
    this.#listeners = listeners
    const { state: file, log, host = LOCALHOST, clock = Date.now, esplora, blockDelayMs } = options
    this.#state = (file === undefined ? undefined : readState(file)) ?? newState()
    const changed = (): void => this.#save()
    const authCode = (wanted: AuthCodeOptions): Promise<string> => this.authCode(wanted)
    const { confirm = false, phone } = options
    const allowHosts = (options.allowHosts ?? []).map(parseHostName)
    const hosts = [...namesOf(host), ...(phone === undefined ? [] : [bracketed(phone)]), ...allowHosts]
    // Further host names may belong to a proxy that ends TLS
    const trustProxy = allowHosts.length > 0
    this.#world = new World({
      state: this.#state,
      origins: originsOf(listeners.sip.url, host, allowHosts),
      localUrl: listeners.sip.localUrl,
      clock,
      esplora,
      blockDelayMs,
      changed,
      authCode,
      revoke: (person) => this.#revokeAllOf(person),
    })
    const { stores, chain, mailbox, wallets, owners } = this.#world
    const [first] = stores.apps.all
    const wanted = firstApp(options, first?.whitelist)
    if (!first) this.createApp({ ...EXAMPLE_APP, ...wanted })
    else if (Object.keys(wanted).length > 0) stores.apps.set(first.appId, wanted)
    this.#sip = createSip({
      url: listeners.sip.url,
      apiUrl: listeners.sip.localUrl,
      walletUrl: listeners.wallet.url,
      secret: this.#state.secret,
      keys: this.#state.sipKeys,
      stores,
      ledger: chain.ledger,
      mailer: mailbox,
      attester: {
        ...chain.forAttester(),
        isKnown: (xpub, claims) => {
          owners.see(xpub, claims)
          return wallets.isOwn(xpub, claims)
        },
        ownerOf: (known) =>
          ('xpub' in known ? owners.ofKey(known.xpub) : owners.ofUser(known.appId, known.userId))?.name,
      },
      clock,
      log,
      allowHosts: hosts,
      trustProxy,
      trustedOrigins: [OWN_ORIGIN],
      testWallet: true,
      confirm,
      returnPaths: 'any',
      before: this.#world.before,
      links: LINKS,
    })
    // An id that an earlier version's file lacks must stay the same from now on
    if (this.#state.settings === undefined) changed()
    listeners.sip.serve(this.#sip.router)
    listeners.wallet.serve(walletServer({ sandbox: this, world: this.#world, hosts, trustProxy, log }))
  }

  /** `http://localhost:PORT`, without a slash at its end; `http://HOST:PORT` if `host` is not this machine's. */
  get url(): string {
    return this.#sip.url
  }

  /** The wallet page's URL: `http://localhost:PORT`, as for `url`. */
  get walletUrl(): string {
    return this.#listeners.wallet.url
  }

  /** The attestations' blockchain: the base URL of its Esplora API. */
  get ledgerUrl(): string {
    return `${this.url}/ledger`
  }

  /**
   * @param appId default: the first app
   * @returns options for `CivicStrategy` and other clients of SIP
   * @throws HttpError if there is no such app; InputError if its private key was made on the dashboard
   */
  strategyOptions(appId?: string): SandboxStrategyOptions {
    const app = this.#app(appId)
    const { prvKeys } = this.#world
    const own = app.credentials.find(({ pubKey }) => prvKeys.has(pubKey))
    if (!own) {
      throw new InputError(
        `appId: the keys of ${app.appId} were made in a browser, which showed the private key once`,
      )
    }
    return {
      appId: app.appId,
      appSecret: own.appSecret,
      prvKey: prvKeys.get(own.pubKey) ?? '',
      api: `${this.#listeners.sip.localUrl}/sip/`,
      ...(this.#options.phone !== undefined && { audience: `${this.url}/sip/` }),
      env: app.environment === 'live' ? 'prod' : 'test',
      sipPublicKey: this.#state.sipKeys.pubKey,
    }
  }

  /** @returns options for `DirectRequests` of `passport-civic-sip/direct` */
  directOptions(): SandboxDirectOptions {
    const { walletUrl } = this
    const { ledger } = this.#world.chain
    const { authorities } = this.#sip
    return {
      walletUrl,
      ledger,
      authorities,
      ...(!isLoopback(new URL(walletUrl).hostname) && { insecureLan: true }),
    }
  }

  /** @throws InputError, a TypeError, that names the wrong option */
  createApp(options: AppOptions): CreatedApp {
    const { prvKey, pubKey } = newKeyPair()
    const app = newApp({ ...options, pubKey }, this.#options.clock ?? Date.now)
    const { stores, prvKeys } = this.#world
    prvKeys.set(pubKey, prvKey)
    if (!stores.apps.add(app, MAX_APPS)) throw tooManyApps()
    const { appId, credentials } = app
    const { appSecret } = credentials[0]
    return { appId, appSecret, prvKey, pubKey }
  }

  /**
   * Logs a test user in at an app over HTTP, as a browser and a wallet would: QR code, approval, poll.
   *
   * @returns the authorization code token that the app's page would get
   * @throws InputError, HttpError that says which option is wrong
   */
  async authCode(options: AuthCodeOptions = {}): Promise<string> {
    const { appId, user, scopeRequest = 'BASIC_SIGNUP', origin } = read(AuthCodeWish, options)
    const app = this.#app(appId)
    return askForCode(this.url, { app, wallet: this.wallet(user), scopeRequest, origin })
  }

  /**
   * The wallet of a test user, without a screen.
   * @param person as for `user` of `authCode`. Default: alice
   */
  wallet(person?: string | PersonDescription): HeadlessWallet {
    const { people, wallets, stores } = this.#world
    const callbackOf = async (uuid: string): Promise<string | undefined> =>
      (await stores.requests.find(uuid))?.callbackUrl
    return new HeadlessWallet({ person: people.get(person), wallets, callbackOf })
  }

  /**
   * Revokes an attestation, all others with the same anchor, and all others of the same email address or document
   * number.
   * @throws HttpError 404 for an unknown anchor, 409 if it is revoked already
   */
  revoke(anchor: { readonly txid: string; readonly vout: number }): Promise<void> {
    return this.#sip.revoke(anchor)
  }

  /** Puts waiting transactions into a block of the sandbox's blockchain. For a sandbox with `blockDelayMs`. */
  mine(): void {
    this.#world.chain.mine()
  }

  /** Makes the exchange fail; see `Fault`. @throws InputError that names the wrong option */
  fault(fault: Fault = {}): void {
    this.#world.fault.set(fault)
  }

  /** Stops: closes every connection and ends all timers. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#world.close()
    await this.#sip.close()
    await closeAll(this.#listeners)
    await this.#unlock?.()
  }

  /** The same as `close`: for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Also revokes by the values that identify the person, because a wallet in a browser can have other keys. */
  async #revokeAllOf(person: Person): Promise<number> {
    const values = valuesOf(person)
    let count = 0
    for (const label of [Labels.EMAIL, Labels.DOCUMENT_NUMBER])
      count += await this.#sip.revokeMatching(label, values.get(label) ?? '')
    for (const { txid, vout } of this.#world.attestedOf(person)) {
      await this.#sip.revoke({ txid, vout })
      count += 1
    }
    return count
  }

  #app(appId: string | undefined): App {
    const apps = this.#world.stores.apps.all
    const found = appId === undefined ? apps[0] : apps.find((app) => app.appId === appId)
    if (found) return currentApp(found, (this.#options.clock ?? Date.now)())
    if (typeof appId !== 'string') throw new InputError('appId: a text, the id of an app')
    throw new HttpError(404, `there is no app ${JSON.stringify(appId.slice(0, 40))}`)
  }

  #save(): void {
    // After closing, the file may belong to another sandbox.
    if (this.#options.state === undefined || this.#isClosed) return
    writeState(this.#options.state, this.#world.state())
  }
}

const LOCALHOST = 'localhost'

/** The sandbox's pages, which the dashboard links. */
const LINKS: readonly Link[] = [
  { name: 'Test wallet', url: '/wallet' },
  { name: 'Sandbox', url: '/sandbox' },
]

/**
 * Starts a sandbox.
 *
 * @returns the sandbox, which is listening
 * @throws TypeError for an unknown option; Error if the port is in use, the file is not a state file, or another
 *   sandbox uses it
 *
 * @example
 * ```ts
 * import { createSandbox } from 'civic-sip-sandbox'
 * import { CivicClient } from 'passport-civic-sip'
 *
 * const sandbox = await createSandbox()
 * const client = new CivicClient(sandbox.strategyOptions())
 * const { userId } = await client.exchangeCode(await sandbox.authCode())
 * console.log(userId.length) // 64
 * await sandbox.close()
 * ```
 */
export async function createSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  checkKnown(options, SANDBOX_OPTIONS)
  const unlock = options.state === undefined ? undefined : await lockFile(options.state)
  const { port = 0, walletPort = 0, host = LOCALHOST, phone } = options
  if (phone !== undefined && isIP(phone) === 0)
    throw new InputError('phone: an address of this machine, such as 192.168.1.20')
  let listeners: Listeners | undefined
  try {
    listeners = await listenTwice({ port, walletPort, host, phone })
    return new Sandbox(options, listeners, unlock)
  } catch (error) {
    // A failure after it listens must not leave a server running
    if (listeners) await closeAll(listeners)
    await unlock?.()
    throw error
  }
}
