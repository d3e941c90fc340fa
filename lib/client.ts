import type { CivicUser } from './answer.ts'
import { Deadline } from './deadline.ts'
import { debug, expectation } from './debug.ts'
import { CivicError } from './errors.ts'
import { createApp, exchange, verifyCodeToken } from './exchange.ts'
import type { App, VerifiedAuthCode } from './exchange.ts'
import type { CivicClientOptions } from './options.ts'

export type ExchangeCallback = (error: Error | null, userData?: CivicUser) => void

/**
 * Verifies authorization code tokens and exchanges them with SIP. Independent of Passport and Express.
 * Clients share nothing. One client serves any number of logins at once.
 *
 * @example
 * ```ts
 * import { CivicClient, Labels } from 'passport-civic-sip'
 *
 * const client = new CivicClient(options)
 * const { userId, data } = await client.exchangeCode(token)
 * console.log(userId.length) // 64
 * console.log(data.value(Labels.EMAIL)) // 'alice.archer@example.org'
 * ```
 */
export class CivicClient {
  readonly #app: App
  /** Kept outside the claims, so that logging the claims does not log the token. */
  readonly #rawTokens = new WeakMap<VerifiedAuthCode, string>()

  /** @throws TypeError naming the option that is wrong */
  constructor(options: CivicClientOptions) {
    this.#app = createApp(options)
  }

  /**
   * Verifies an authorization code token without network traffic: structure, signature, issuer, audience, app, times
   * (docs/protocol.md#code-token).
   *
   * @returns its claims. `exchangeCode` of this client accepts them once, instead of the token
   * @throws CivicError `CIVIC_TOKEN_MALFORMED`, `CIVIC_TOKEN_INVALID` or `CIVIC_TOKEN_EXPIRED`
   *
   * @example
   * ```ts
   * import { CivicClient } from 'passport-civic-sip'
   *
   * const client = new CivicClient(options)
   * const verified = client.verifyAuthCode(token)
   * console.log(verified.sub === options.appId) // true
   * const { userId } = await client.exchangeCode(verified)
   * ```
   */
  verifyAuthCode(token: string): VerifiedAuthCode {
    if (typeof token !== 'string') throw malformed()
    const claims = verifyCodeToken(token, this.#app)
    this.#rawTokens.set(claims, token)
    return claims
  }

  /**
   * Exchanges an authorization code for the person's data: one request to SIP, at most one to its storage. Verifies
   * the response's signature and decrypts it.
   *
   * @param code the browser's token, which is verified first, or what `verifyAuthCode` returned
   * @throws CivicError, always as a rejection; `code` says what happened
   */
  exchangeCode(code: string | VerifiedAuthCode): Promise<CivicUser>
  /**
   * The same, with a callback as in Civic's client.
   *
   * @param callback gets the error or the result
   */
  exchangeCode(code: string | VerifiedAuthCode, callback: ExchangeCallback): void
  exchangeCode(code: string | VerifiedAuthCode, callback?: ExchangeCallback): Promise<CivicUser> | undefined {
    const result = this.#exchange(code)
    if (!callback) return result
    // Called outside the promise, so that an exception of the callback is not a rejection
    result.then(
      (user) => process.nextTick(callback, null, user),
      (error: unknown) => process.nextTick(callback, error),
    )
    return undefined
  }

  async #exchange(code: string | VerifiedAuthCode): Promise<CivicUser> {
    const authToken = typeof code === 'string' ? this.#verified(code) : this.#takeRawToken(code)
    const deadline = new Deadline(this.#app.settings.timeout)
    try {
      return await exchange(authToken, this.#app, deadline)
    } finally {
      deadline.stop()
    }
  }

  /** The token, verified. */
  #verified(token: string): string {
    try {
      verifyCodeToken(token, this.#app)
      return token
    } catch (error) {
      const { code, status, reason } = error as CivicError
      const expected = expectation(error as CivicError, this.#app.settings.expected)
      debug('exchange %j', { status, code, reason, expected })
      throw error
    }
  }

  #takeRawToken(verified: VerifiedAuthCode): string {
    const token = this.#rawTokens.get(verified)
    if (token === undefined) throw malformed()
    this.#rawTokens.delete(verified)
    return token
  }
}

function malformed(): CivicError {
  return new CivicError(
    'CIVIC_TOKEN_MALFORMED',
    'An authorization code token must be a string, or what verifyAuthCode of this client returned, once',
  )
}
