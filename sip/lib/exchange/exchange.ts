import { randomUUID } from 'node:crypto'
import * as v from 'valibot'
import { openPayload } from 'passport-civic-sip/crypto'
import { checkActive, checkStage } from '../apps/apps.ts'
import type { App, Apps, Credentials } from '../apps/apps.ts'
import type { ActivityLog } from '../partners/activity.ts'
import { isObject } from '../is-object.ts'
import type { Clock } from '../store/expiring-map.ts'
import type { ExpiringStore } from '../store/stores.ts'
import { HttpError } from '../http/http.ts'
import { checkLimit } from '../http/limits.ts'
import type { Limits } from '../http/limits.ts'
import type { Requests } from '../scope-requests/requests.ts'
import type { Grant, ScopeRequest } from '../scope-requests/scope-request.ts'
import { authenticate, issuerOf, partsOf, verified } from './request-token.ts'
import type { TokenSigner } from './tokens.ts'

/** Above this size, a client that supports it gets a separate URL for the payload. */
const LARGE_PAYLOAD_CHARS = 100_000
const PAYLOAD_LIFETIME_MS = 60 * 1000

interface ExchangeFields {
  readonly authToken?: unknown
  readonly allowS3UploadedPayload?: unknown
  /** The name of `allowS3UploadedPayload` in civic-sip-api 1.0.2 to 1.1.0. */
  readonly processPayload?: unknown
  /** `W3C` requests the second form, with its proofs. */
  readonly format?: unknown
  readonly [field: string]: unknown
}

/**
 * The body of an exchange request, whose fields are still unchecked (docs/protocol.md#exchange-request). A schema that
 * copies the object would drop fields that the partner signed.
 */
export const ExchangeBody = v.custom<ExchangeFields>(isObject, 'an object is expected')
export type ExchangeBody = v.InferOutput<typeof ExchangeBody>

/** The response of an exchange (docs/protocol.md#exchange-response). */
export interface ExchangeAnswer {
  readonly data: string
  readonly userId: string
  readonly encrypted: true
  readonly alg: 'aes'
  readonly processed?: true
}

/** The data of a native app's code in the clear, only for `sealForApp`. */
export interface AppGrant {
  readonly userId: string
  /** The JSON array that the exchange seals. */
  readonly items: string
  readonly appSecret: string
}

/** A genuine code, with its scope request, which is missing if it is over. */
interface Code {
  readonly request: ScopeRequest | undefined
}

export interface ExchangeParts {
  readonly apps: Apps
  readonly requests: Requests
  readonly payloads: ExpiringStore<string>
  readonly tokens: TokenSigner
  readonly log: ActivityLog
  readonly limits: Limits
  readonly clock: Clock
  /** This server's origin, without a slash at its end. */
  readonly url: string
  /** The origin at which sites' servers call it. */
  readonly apiUrl: string
  /** What the caller is told of an error. */
  readonly forCaller: (error: unknown) => unknown
}

/** Exchanges an authorization code for its data (docs/protocol.md#exchange). */
export class Exchange {
  readonly #parts: ExchangeParts

  constructor(parts: ExchangeParts) {
    this.#parts = parts
  }

  /**
   * @param authorization the header, `Civic <requestToken>.<extension>`
   * @param stage the URL's stage; undefined if it has none (`includeStageInURL: false`)
   * @param origin at which the partner reached this server, for the URL of a large payload
   * @throws HttpError 401 if the partner cannot be verified as the app, 400 if the code cannot be exchanged
   */
  async exchangeCode(
    authorization: string | undefined,
    body: ExchangeBody,
    stage: string | undefined,
    origin: string,
  ): Promise<ExchangeAnswer> {
    const { apps, limits, clock, url, apiUrl } = this.#parts
    const code = await this.#codeOf(body)
    const parts = partsOf(authorization)
    const app = await apps.find(issuerOf(parts.token))
    try {
      const checking = { bases: [url, apiUrl], now: clock() }
      const partner = authenticate({ ...parts, body, stage }, app, checking)
      await checkLimit(limits, 'exchange', partner.app.appId)
      return await this.#redeem(code, partner, body, origin)
    } catch (error) {
      await this.#note(error, app?.appId, code?.request)
      throw this.#parts.forCaller(error)
    }
  }

  /**
   * Redeems a native app's code, once, as `exchangeCode` does. The app does not authenticate, so this accepts only
   * codes of native apps, and the result must be encrypted with the app's secret.
   *
   * @param stage as for `exchangeCode`
   * @throws HttpError 400 if the code cannot be redeemed this way
   */
  async redeemForApp(authToken: unknown, stage: string | undefined): Promise<AppGrant> {
    const { apps, requests, log } = this.#parts
    const code = await this.#codeOf({ authToken })
    const app = await apps.find(code?.request?.appId)
    try {
      if (app) checkActive(app)
      if (app && stage !== undefined) checkStage(app, stage)
      const { request: granted, userId, sealed } = grantOf(code, app?.appId)
      if (granted.channel !== 'app') throw badRequest("the authorization code is not a native app's")
      const credentials = app?.credentials.find(({ keyId }) => sealed[keyId] !== undefined)
      if (!app || !credentials)
        throw badRequest('the data was sealed before these keys were made: log in again')
      const { keyId, appSecret } = credentials
      await exchanged(requests, granted)
      log.tell(() => apps.loggedIn(app))
      return { userId, items: openPayload(sealed[keyId] ?? '', appSecret), appSecret }
    } catch (error) {
      await this.#note(error, app?.appId, code?.request)
      throw this.#parts.forCaller(error)
    }
  }

  /** @returns the data token; undefined after its lifetime */
  payload(id: string): Promise<string | undefined> {
    return this.#parts.payloads.find(id)
  }

  sweep(): Promise<void> {
    return this.#parts.payloads.sweep()
  }

  async #redeem(
    code: Code | undefined,
    { app, credentials }: { app: App; credentials: Credentials },
    { allowS3UploadedPayload, processPayload, format }: ExchangeBody,
    origin: string,
  ): Promise<ExchangeAnswer> {
    const { tokens, requests, log, apps } = this.#parts
    const { request, userId, sealed, sealedW3C } = grantOf(code, app.appId)
    const isW3C = format === 'W3C'
    if (isW3C && !sealedW3C)
      throw badRequest('format: W3C is for apps that were made with attestations: true')
    const payload = (isW3C ? sealedW3C : sealed)?.[credentials.keyId]
    if (payload === undefined) {
      throw badRequest(
        'the data was sealed before these keys were made: log in again, or use the previous keys',
      )
    }
    await exchanged(requests, request)
    log.tell(() => apps.loggedIn(app))
    const data = tokens.data(app.appId, payload)
    const answer = { userId, encrypted: true, alg: 'aes' } as const
    const followsUrls = allowS3UploadedPayload === true || processPayload === true
    if (!followsUrls || data.length <= LARGE_PAYLOAD_CHARS) return { data, ...answer }
    return { processed: true, data: `${origin}/payloads/${await this.#putPayload(data)}`, ...answer }
  }

  /** Tells the dashboard why an exchange was refused. */
  async #note(error: unknown, proved: string | undefined, request: ScopeRequest | undefined): Promise<void> {
    if (!(error instanceof HttpError) || error.status === 429) return
    const appId = proved ?? request?.appId ?? ''
    const appName = (await this.#parts.apps.find(appId))?.name ?? 'unknown app'
    this.#parts.log.failed({ appId, appName, problem: error.message }, request)
  }

  async #putPayload(token: string): Promise<string> {
    const id = randomUUID()
    await this.#parts.payloads.put(id, token, this.#parts.clock() + PAYLOAD_LIFETIME_MS)
    return id
  }

  /** The code in a token that this SIP signed; undefined for any other token. */
  async #codeOf({ authToken }: ExchangeBody): Promise<Code | undefined> {
    const { tokens, requests } = this.#parts
    const claims = typeof authToken === 'string' ? verified(authToken, tokens.pubKeys) : undefined
    const { codeToken } = Object(claims?.['data']) as { codeToken?: unknown }
    return (
      claims && { request: typeof codeToken === 'string' ? await requests.findByCode(codeToken) : undefined }
    )
  }
}

/** The grant and request of a code that can still be used. @throws HttpError 400 */
function grantOf(code: Code | undefined, appId: string | undefined): Grant & { request: ScopeRequest } {
  if (!code) throw badRequest('authToken is not a token that this SIP signed')
  const { request } = code
  if (!request) throw badRequest('the authorization code is unknown or expired')
  if (request.appId !== appId) throw badRequest("the authorization code is another app's")
  if (request.state === 'exchanged') throw badRequest('the authorization code was used already')
  if (request.state !== 'granted' || !request.grant) throw badRequest('the authorization code is expired')
  return { request, ...request.grant }
}

/** Marks the code as used. @throws HttpError 400 if another exchange of the same code was faster */
async function exchanged(requests: Requests, request: ScopeRequest): Promise<void> {
  try {
    await requests.move(request, 'exchange')
  } catch (error) {
    if (error instanceof HttpError) throw badRequest('the authorization code was used already')
    throw error
  }
}

function badRequest(reason: string): HttpError {
  return new HttpError(400, `Bad request: ${reason}`)
}
