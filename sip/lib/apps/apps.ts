import { checkKnown, HttpError, InputError } from '../http/http.ts'
import type { Clock } from '../store/expiring-map.ts'
import { newAppId, newKeyPair, randomHex } from './new-keys.ts'
import { ALL_SCOPES, DEFAULT_SCOPES, wireValue } from './scopes.ts'
import type { Scope } from './scopes.ts'
import { parseWhitelist } from './allowed-domains.ts'

/** Partners have live and test applications, each with its own ids and keys (Civic's documentation, "Environments"). */
export type Environment = 'live' | 'test'

/** One set of an app's secrets. An app has two of them while its partner rotates from one to the next. */
export interface Credentials {
  readonly keyId: string
  /** The secret of payload encryption and request extension: 32 hex digits (AES-128). */
  readonly appSecret: string
  /** P-256 scalar, 64 hex digits. */
  readonly prvKey: string
  /** Uncompressed P-256 point, 130 hex digits. */
  readonly pubKey: string
  /** Milliseconds since the epoch. */
  readonly createdAt: number
}

export interface App {
  readonly appId: string
  readonly environment: Environment
  name: string
  /** Origins and bare host names, see whitelist.ts. */
  whitelist: string[]
  /** Wire values of the scope requests that the app is approved for. */
  scopes: string[]
  /** Newest first. */
  credentials: [Credentials, ...Credentials[]]
}

export interface AppOptions {
  readonly name: string
  /** Origins with their port (`http://localhost:3000`), or bare host names, which stand for every port. */
  readonly whitelist?: readonly string[]
  /** CivicJS names or wire values. Default: BASIC_SIGNUP, BASIC_LOGIN, ANONYMOUS_LOGIN. */
  readonly scopes?: readonly string[]
  /** Default: live, which is stage `prod`. */
  readonly environment?: Environment
}

const CHANGEABLE = { name: true, whitelist: true, scopes: true } as const
const APP_OPTIONS = { ...CHANGEABLE, environment: true } satisfies Record<keyof AppOptions, true>

const MAX_APPS = 1000
/** A set in use and the one before it: enough to rotate, and a third would hide a forgotten one. */
const MAX_CREDENTIALS = 2
const STAGES: ReadonlyMap<string, Environment> = new Map([
  ['prod', 'live'],
  ['test', 'test'],
  ['dev', 'test'],
])

/** The partners' applications. Every change goes to `changed`, for the state file. */
export class Apps {
  readonly #apps: Map<string, App>
  readonly #clock: Clock
  readonly #changed: () => void

  constructor(apps: readonly App[], clock: Clock, changed: () => void) {
    this.#apps = new Map(apps.map((app) => [app.appId, app]))
    this.#clock = clock
    this.#changed = changed
  }

  list(): App[] {
    return [...this.#apps.values()]
  }

  find(appId: unknown): App | undefined {
    return typeof appId === 'string' ? this.#apps.get(appId) : undefined
  }

  /** @throws InputError if it is no text, HttpError 404 if there is no such app */
  get(appId: unknown): App {
    if (typeof appId !== 'string') throw new InputError('appId: a text, the id of an app')
    const app = this.#apps.get(appId)
    if (!app) throw new HttpError(404, `there is no app ${JSON.stringify(appId.slice(0, 40))}`)
    return app
  }

  /** @throws InputError that names a wrong option */
  create(options: AppOptions): App {
    checkKnown(options, APP_OPTIONS)
    if (this.#apps.size >= MAX_APPS)
      throw new HttpError(409, `there are ${MAX_APPS} apps already: delete one`)
    const app: App = {
      appId: newAppId(),
      environment: parseEnvironment(options.environment ?? 'live'),
      name: parseName(options.name),
      whitelist: parseWhitelist(options.whitelist ?? []),
      scopes: parseScopes(options.scopes ?? DEFAULT_SCOPES),
      credentials: [this.#newCredentials()],
    }
    this.#apps.set(app.appId, app)
    this.#changed()
    return app
  }

  /** The app that is there from the start: it may ask for everything, from any port of this machine. */
  createDefault(): App {
    return this.create({ name: 'Example site', whitelist: ['localhost', '127.0.0.1'], scopes: ALL_SCOPES })
  }

  /** @throws InputError that names a wrong option; then nothing is changed */
  update(appId: string, change: Partial<Pick<AppOptions, 'name' | 'whitelist' | 'scopes'>>): App {
    const app = this.get(appId)
    checkKnown(change, CHANGEABLE)
    Object.assign(app, {
      ...(change.name !== undefined && { name: parseName(change.name) }),
      ...(change.whitelist !== undefined && { whitelist: parseWhitelist(change.whitelist) }),
      ...(change.scopes !== undefined && { scopes: parseScopes(change.scopes) }),
    })
    this.#changed()
    return app
  }

  remove(appId: string): void {
    this.get(appId)
    this.#apps.delete(appId)
    this.#changed()
  }

  /** Makes a new set of secrets; the one before it works until it is revoked, so that no login fails meanwhile. */
  rotate(appId: string): Credentials {
    const app = this.get(appId)
    if (app.credentials.length >= MAX_CREDENTIALS) {
      throw new HttpError(409, 'the previous keys are still valid: revoke them before you rotate again')
    }
    const fresh = this.#newCredentials()
    app.credentials.unshift(fresh)
    this.#changed()
    return fresh
  }

  revoke(appId: string, keyId: string): void {
    const app = this.get(appId)
    const [first, ...others] = app.credentials.filter((credentials) => credentials.keyId !== keyId)
    if (!first)
      throw new HttpError(409, 'these are the only keys of the app: rotate first, or delete the app')
    if (others.length + 1 === app.credentials.length) throw new HttpError(404, 'the app has no such keys')
    app.credentials = [first, ...others]
    this.#changed()
  }

  #newCredentials(): Credentials {
    return { keyId: randomHex(4), appSecret: randomHex(16), ...newKeyPair(), createdAt: this.#clock() }
  }
}

/** @returns the stage that stands in an app's URLs */
export function stageOf(app: App): 'prod' | 'test' {
  return app.environment === 'live' ? 'prod' : 'test'
}

/**
 * @throws HttpError 404 if there is no such stage, 401 if the app is of the other environment: its ids and
 *   keys do not work there
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

function parseName(name: unknown): string {
  if (typeof name !== 'string' || name.trim() === '' || name.length > 80) {
    throw new InputError('name: a text of 1 to 80 characters')
  }
  return name.trim()
}

function parseEnvironment(environment: unknown): Environment {
  if (environment !== 'live' && environment !== 'test') throw new InputError("environment: 'live' or 'test'")
  return environment
}

function parseScopes(scopes: unknown): string[] {
  if (!Array.isArray(scopes)) throw new InputError('scopes: an array of scope request names')
  return [...new Set(scopes.map((scope: unknown) => wireValue(scope)))]
}
