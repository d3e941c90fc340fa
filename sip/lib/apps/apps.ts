import { HttpError, InputError } from '../http/http.ts'
import { read } from '../http/read.ts'
import type { Clock } from '../store/expiring-map.ts'
import type { AppPatch, AppStore, Patch } from '../store/stores.ts'
import { entriesFor } from './allowed-domains.ts'
import { AppChange, NewApp, PublicKey } from './app-options.ts'
import type { Environment } from './expected.ts'
import { newAppId, randomHex } from './new-keys.ts'
import { DEFAULT_SCOPES } from './scopes.ts'
import type { Scope } from './scopes.ts'

export type { Environment } from './expected.ts'

/** One set of an app's keys. An app has two while its partner rotates them. */
export interface Credentials {
  readonly keyId: string
  /** The secret of payload encryption and request extension: 32 hex digits (AES-128). */
  readonly appSecret: string
  /** Uncompressed P-256 point, 130 hex digits. The partner makes the pair and keeps the private key. */
  readonly pubKey: string
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  /** When a revocation with a grace period takes effect: milliseconds since the epoch. Absent: not revoked. */
  readonly endsAt?: number
}

export interface App {
  readonly appId: string
  readonly environment: Environment
  readonly name: string
  /** Origins and bare host names, see allowed-domains.ts. */
  readonly whitelist: readonly string[]
  /** Wire values of the scope requests that the app is approved for. */
  readonly scopes: readonly string[]
  /** Whether its site may get the attestations with their proofs, instead of values. */
  readonly attestations?: boolean
  /** Whether the browser must prove that the person who approved uses it. Absent: the server's default. */
  readonly confirm?: boolean
  /** The paths of its pages to which wallets return, the default first. Absent: the server's default. */
  readonly returnPaths?: readonly string[]
  /** A PNG or JPEG as a `data:` URI; empty or absent: no logo. Wallets get a live app's logo. */
  readonly logo?: string
  /** The partner that owns it, on a server whose partners have accounts. */
  readonly partnerId?: string
  /** Whether an operator has suspended it. */
  readonly isSuspended?: boolean
  /** When its site exchanged a code for the first time: milliseconds since the epoch. */
  readonly firstLoginAt?: number
  /** Newest first. */
  readonly credentials: readonly [Credentials, ...Credentials[]]
}

/** The options of an app. */
export interface AppOptions {
  readonly name: string
  /** Origins with their port (`http://localhost:3000`), or bare host names, which stand for every port. */
  readonly whitelist?: readonly string[] | undefined
  /** CivicJS names or wire values. Default: BASIC_SIGNUP, BASIC_LOGIN, ANONYMOUS_LOGIN. */
  readonly scopes?: readonly string[] | undefined
  /** Default: live, which is stage `prod`. */
  readonly environment?: Environment | undefined
  /**
   * Whether the site may get the attestations, to verify them. They reveal the person's extended public keys. Default:
   * false.
   */
  readonly attestations?: boolean | undefined
  /**
   * Whether an approval counts only after the browser sends the wallet's code, or the response code when the wallet
   * returns. Default: the server's.
   */
  readonly confirm?: boolean | undefined
  /** The paths of the site's pages to which a wallet on the same device may return. Default: the server's. */
  readonly returnPaths?: readonly string[] | undefined
  /** A PNG or JPEG as a `data:` URI of at most 16 KiB, which wallets get once the app is live. Default: none. */
  readonly logo?: string | undefined
}

/** A change of an app. Undefined members stay as they are. */
export type AppChanges = Patch<Pick<AppOptions, 'name' | 'whitelist' | 'scopes' | 'returnPaths' | 'logo'>>

export interface NewAppOptions extends AppOptions {
  /** Uncompressed P-256 point, 130 hex digits. The private key stays with the partner. */
  readonly pubKey: string
}

export const MAX_APPS = 1000
/** The current and the previous set: enough to rotate. A third would hide a forgotten one. */
const MAX_CREDENTIALS = 2
const STAGES: ReadonlyMap<string, Environment> = new Map([
  ['prod', 'live'],
  ['test', 'test'],
  ['dev', 'test'],
])

/** The partners' applications. */
export class Apps {
  readonly #store: AppStore
  readonly #clock: Clock

  constructor(store: AppStore, clock: Clock) {
    this.#store = store
    this.#clock = clock
  }

  async list(): Promise<readonly App[]> {
    const now = this.#clock()
    return (await this.#store.list()).map((app) => currentApp(app, now))
  }

  /** The entries of the white lists of all apps, each once. */
  allowed(): Promise<readonly string[]> {
    return this.#store.allowed()
  }

  /** The entries of white lists that allow a page of this `Origin`: none if no app does. */
  async allowing(origin: string): Promise<readonly string[]> {
    const entries = entriesFor(origin)
    return entries.length > 0 ? this.#store.allowed(entries) : []
  }

  async find(appId: unknown): Promise<App | undefined> {
    return typeof appId === 'string' ? this.#current(await this.#store.find(appId)) : undefined
  }

  /** @throws InputError if it is not a string, HttpError 404 if there is no such app */
  async get(appId: unknown): Promise<App> {
    return known(appId, await this.find(appId))
  }

  /**
   * @param partnerId the owner, on a server whose partners have accounts
   * @throws InputError that names a wrong option
   */
  async create(options: NewAppOptions, partnerId?: string): Promise<App> {
    const app = { ...newApp(options, this.#clock), ...(partnerId !== undefined && { partnerId }) }
    if (!(await this.#store.insert(app, MAX_APPS))) throw tooManyApps()
    return app
  }

  /** @throws InputError that names a wrong option; then nothing is changed */
  async update(appId: string, change: AppChanges): Promise<App> {
    return known(appId, this.#current(await this.#store.update(appId, read(AppChange, change))))
  }

  /** Changes parts that partners may not change. */
  async decide(
    appId: string,
    change: Pick<AppPatch, 'environment' | 'isSuspended' | 'attestations' | 'confirm'>,
  ): Promise<App> {
    return known(appId, this.#current(await this.#store.update(appId, change)))
  }

  /** Notes the first time that somebody logged in at an app's site. */
  async loggedIn({ appId, firstLoginAt }: App): Promise<void> {
    if (firstLoginAt === undefined) await this.#store.update(appId, { firstLoginAt: this.#clock() })
  }

  async remove(appId: string): Promise<void> {
    if (!(await this.#store.remove(appId))) known(appId, undefined)
  }

  /**
   * Adds a set with a new public key and a new secret. The previous set works until it is revoked, so that no login
   * fails meanwhile.
   */
  async rotate(appId: string, pubKey: unknown): Promise<Credentials> {
    await this.get(appId)
    const fresh = newCredentials(this.#clock, read(PublicKey, pubKey))
    if (!(await this.#store.addCredentials(appId, fresh, MAX_CREDENTIALS))) {
      throw new HttpError(
        409,
        'the previous keys still work: revoke them now, or rotate after they have ended',
      )
    }
    return fresh
  }

  /**
   * Ends a set at once.
   * @throws HttpError 404 if the app has no such set, 409 if no other stays valid
   */
  async revoke(appId: string, keyId: string): Promise<void> {
    const app = await this.get(appId)
    if (!(await this.#store.removeCredentials(appId, keyId))) throw notRevoked(app, keyId)
  }

  /**
   * Ends a set after a grace period, unless it ends earlier already.
   * @param validFor seconds for which it still works
   * @returns the set, with its end
   * @throws HttpError as `revoke` does
   */
  async revokeLater(appId: string, keyId: string, validFor: number): Promise<Credentials> {
    const app = await this.get(appId)
    const endsAt = this.#clock() + validFor * 1000
    const changed = this.#current(await this.#store.endCredentials(appId, keyId, endsAt))
    const credentials = changed?.credentials.find((other) => other.keyId === keyId)
    if (!credentials) throw notRevoked(app, keyId)
    return credentials
  }

  /** Removes sets that have ended, with their secrets. */
  sweep(): Promise<void> {
    return this.#store.sweepCredentials(this.#clock())
  }

  #current(app: App | undefined): App | undefined {
    return app && currentApp(app, this.#clock())
  }
}

/** The app without the sets of keys that have ended. One set is always left: a store ends no last one. */
export function currentApp(app: App, now: number): App {
  const credentials = app.credentials.filter(({ endsAt = Infinity }) => endsAt > now)
  if (credentials.length === app.credentials.length) return app
  return { ...app, credentials: credentials as [Credentials, ...Credentials[]] }
}

function notRevoked({ credentials }: App, keyId: string): HttpError {
  return credentials.some((other) => other.keyId === keyId)
    ? new HttpError(409, 'no other keys of the app stay valid: rotate first, or delete the app')
    : new HttpError(404, 'the app has no such keys')
}

/** @throws InputError if the id is not a string, HttpError 404 if there is no such app */
export function known(appId: unknown, app: App | undefined): App {
  if (typeof appId !== 'string') throw new InputError('appId: a text, the id of an app')
  if (!app) throw new HttpError(404, `there is no app ${JSON.stringify(appId.slice(0, 40))}`)
  return app
}

export function tooManyApps(): HttpError {
  return new HttpError(409, `there are ${MAX_APPS} apps already: delete one`)
}

/**
 * Checks the options of an app, and makes its id and secrets.
 * @throws InputError that names a wrong option
 */
export function newApp(options: NewAppOptions, clock: Clock): App {
  const { environment = 'live', name, whitelist = [], scopes, pubKey, ...others } = read(NewApp, options)
  const { attestations, confirm, returnPaths, logo } = others
  return {
    appId: newAppId(),
    environment,
    name,
    whitelist,
    scopes: scopes ?? DEFAULT_SCOPES,
    ...(attestations !== undefined && { attestations }),
    ...(confirm !== undefined && { confirm }),
    ...(returnPaths !== undefined && { returnPaths }),
    ...(logo !== undefined && { logo }),
    credentials: [newCredentials(clock, pubKey)],
  }
}

function newCredentials(clock: Clock, pubKey: string): Credentials {
  return { keyId: randomHex(4), appSecret: randomHex(16), pubKey, createdAt: clock() }
}

/** @returns the stage in an app's URLs */
export function stageOf(app: App): 'prod' | 'test' {
  return app.environment === 'live' ? 'prod' : 'test'
}

/**
 * @throws HttpError 404 if there is no such stage, 401 if the app belongs to the other environment, where its ids and
 *   keys do not work
 */
export function checkStage(app: App, stage: string): void {
  const environment = environmentOf(stage)
  if (environment !== app.environment) {
    throw new HttpError(
      401,
      `app ${app.appId} is a ${app.environment} app: its stage is ${stageOf(app)}, not ${stage}`,
    )
  }
}

/** @throws HttpError 401 if an operator has suspended the app */
export function checkActive(app: App): void {
  if (app.isSuspended === true) throw new HttpError(401, `app ${app.appId} is suspended`)
}

/** @throws HttpError 401 if the app is not approved for the scope request */
export function checkApproved(app: App, scope: Scope): void {
  if (!app.scopes.includes(scope.name)) {
    throw new HttpError(401, `app ${app.appId} is not approved for the scope request ${scope.name}`)
  }
}

export function environmentOf(stage: string): Environment {
  const environment = STAGES.get(stage)
  if (!environment) throw new HttpError(404, `there is no such stage: use ${[...STAGES.keys()].join(', ')}`)
  return environment
}
