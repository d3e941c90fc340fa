import { randomUUID } from 'node:crypto'
import { channel } from 'node:diagnostics_channel'
import { openAnswer, refusal } from './answer.ts'
import type { CivicUser } from './answer.ts'
import { requestExtension, signToken, verifyToken } from './crypto.ts'
import type { Claims, ExpectedClaims } from './crypto.ts'
import { Deadline } from './deadline.ts'
import { debug, expectation } from './debug.ts'
import { CivicError } from './errors.ts'
import { isPlainObject } from './json.ts'
import { readOptions } from './options.ts'
import type { CivicClientOptions, Credentials, Settings } from './options.ts'
import { asUsed, createSend, isLostOnReuse } from './transport.ts'
import type { Answer, Request, Send } from './transport.ts'

/** The claims of a proved authorization code token (sip-protocol section 2), frozen. */
export interface VerifiedAuthCode extends Claims {
  readonly jti: string
  readonly data: { readonly codeToken: string }
}

export type ExchangeCallback = (error: Error | null, userData?: CivicUser) => void

/** What the diagnostics channel `passport-civic-sip:exchange` tells of every exchange. */
export interface ExchangeEvent {
  readonly appId: string
  /** The CivicError's code; undefined where the exchange succeeded. */
  readonly code: string | undefined
  /** The CivicError's status; 200 where the exchange succeeded. */
  readonly status: number
  /** Milliseconds. */
  readonly duration: number
}

const exchanges = channel('passport-civic-sip:exchange')

const REQUEST_TOKEN_SECONDS = 180
/** Seconds to wait where SIP throttles and does not say how long. */
const DEFAULT_RETRY_AFTER = 0.5

/** For the strategy alone: a client's deadline, and its exchange under a deadline of the strategy's own. */
export let internals: {
  deadline(client: CivicClient): Deadline
  expected(client: CivicClient): ExpectedClaims
  exchange(client: CivicClient, code: VerifiedAuthCode, deadline: Deadline): Promise<CivicUser>
}

/**
 * Proves authorization code tokens and trades them with SIP. Knows nothing of Passport or Express.
 * Clients share nothing, and one may be used for any number of logins at once.
 */
export class CivicClient {
  readonly #settings: Settings
  readonly #send: Send
  /** Beside the claims and not in them, so that nobody who logs the claims logs the token. */
  readonly #rawTokens = new WeakMap<VerifiedAuthCode, string>()

  static {
    internals = {
      deadline: (client) => new Deadline(client.#settings.timeout),
      expected: (client) => client.#settings.expected,
      exchange: (client, code, deadline) => client.#exchange(code, deadline),
    }
  }

  /** @throws TypeError naming the option that is wrong */
  constructor(options: CivicClientOptions) {
    this.#settings = readOptions(options)
    this.#send = createSend(this.#settings)
  }

  /**
   * Proves an authorization code token, with no network traffic: structure, signature, issuer, audience, app,
   * times (sip-protocol section 2).
   *
   * @returns its claims, which `exchangeCode` of this very client takes, once, in place of the token
   * @throws CivicError `CIVIC_TOKEN_MALFORMED`, `CIVIC_TOKEN_INVALID` or `CIVIC_TOKEN_EXPIRED`
   */
  verifyAuthCode(token: string): VerifiedAuthCode {
    if (typeof token !== 'string') throw malformed()
    const claims = verifyToken(token, this.#settings.sipKeys, this.#settings.expected)
    if (!isAuthCode(claims))
      throw new CivicError('CIVIC_TOKEN_INVALID', 'The token holds no authorization code', { reason: 'code' })
    Object.freeze(claims.data)
    this.#rawTokens.set(Object.freeze(claims), token)
    return claims
  }

  /**
   * Trades an authorization code for the person's data: one request to SIP, at most one to its storage. Verifies
   * the answer's signature and decrypts it.
   *
   * @param code the token that the browser got, which is proved first, or what `verifyAuthCode` returned
   * @throws CivicError with the code that says what happened; the promise rejects, nothing is thrown at once
   */
  exchangeCode(code: string | VerifiedAuthCode): Promise<CivicUser>
  /**
   * The same in the style of Civic's own client.
   *
   * @param callback gets what the promise would have given
   */
  exchangeCode(code: string | VerifiedAuthCode, callback: ExchangeCallback): void
  exchangeCode(code: string | VerifiedAuthCode, callback?: ExchangeCallback): Promise<CivicUser> | undefined {
    const deadline = new Deadline(this.#settings.timeout)
    const result = this.#exchange(code, deadline).finally(() => deadline.stop())
    if (!callback) return result
    // Out of the promise, so that what the callback throws is its own and not a rejection
    result.then(
      (user) => process.nextTick(callback, null, user),
      (error: unknown) => process.nextTick(callback, error),
    )
    return undefined
  }

  async #exchange(code: string | VerifiedAuthCode, deadline: Deadline): Promise<CivicUser> {
    const authToken = this.#takeRawToken(typeof code === 'string' ? this.#verify(code) : code)
    const started = performance.now()
    try {
      const body = await this.#trade(authToken, deadline)
      const user = await openAnswer(body, this.#settings, this.#send, deadline)
      this.#report(started)
      return user
    } catch (error) {
      this.#report(started, error as CivicError)
      throw error
    }
  }

  #verify(token: string): VerifiedAuthCode {
    try {
      return this.verifyAuthCode(token)
    } catch (error) {
      const { code, status, reason } = error as CivicError
      const expected = expectation(error as CivicError, this.#settings.expected)
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

  /** Posts the token with the current credentials and, on 401, which uses no code, once with the previous ones. */
  async #trade(authToken: string, deadline: Deadline): Promise<Buffer> {
    const [current, previous] = this.#settings.credentials
    const code = { mayBeUsed: false }
    try {
      let answer = await this.#post(authToken, current, code, deadline)
      if (answer.status === 401 && previous) answer = await this.#post(authToken, previous, code, deadline)
      if (answer.status !== 200) throw refusal(answer)
      return answer.body
    } catch (error) {
      throw code.mayBeUsed ? asUsed(error as CivicError) : error
    }
  }

  /**
   * Posts the token, and posts it again where SIP cannot have used the code. Once also where an idle connection
   * turned out to be dead: see `isLostOnReuse`. From then on the code may be used.
   */
  async #post(
    authToken: string,
    credentials: Credentials,
    code: { mayBeUsed: boolean },
    deadline: Deadline,
  ): Promise<Answer> {
    for (let left = this.#settings.retries; ; left--) {
      try {
        const request = this.#request(authToken, credentials)
        const answer = await this.#send(this.#settings.exchangeUrl, request, deadline)
        if (answer.status !== 429) return answer
        throw refusal(answer)
      } catch (error) {
        const failure = error as CivicError
        const isFirstLoss = isLostOnReuse(failure) && !code.mayBeUsed
        if (left === 0 || !(failure.retryable || isFirstLoss)) throw failure
        code.mayBeUsed ||= isFirstLoss
        await pause(failure, deadline)
      }
    }
  }

  /** The request of sip-protocol section 3, with a token of its own each time. */
  #request(authToken: string, { key, secret }: Credentials): Request {
    const { subject, audience } = this.#settings.expected
    const iat = Math.floor(Date.now() / 1000)
    const requestToken = signToken(
      {
        jti: randomUUID(),
        iat,
        exp: iat + REQUEST_TOKEN_SECONDS,
        iss: subject,
        aud: audience,
        sub: subject,
        data: { method: 'POST', path: 'scopeRequest/authCode' },
      },
      key,
    )
    const body = { authToken, allowS3UploadedPayload: true }
    return {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        Accept: '*/*',
        Authorization: `Civic ${requestToken}.${requestExtension(body, secret)}`,
      },
      body: JSON.stringify(body),
    }
  }

  #report(started: number, error?: CivicError): void {
    const { code, status = 200 } = error ?? {}
    const duration = performance.now() - started
    const event: ExchangeEvent = { appId: this.#settings.expected.subject, code, status, duration }
    exchanges.publish(event)
    debug('exchange %j', { ...event, reason: error?.reason })
  }
}

/** Waits as long as SIP asks to, unless that is past the deadline: then the failure is the outcome now. */
async function pause(failure: CivicError, deadline: Deadline): Promise<void> {
  if (failure.code !== 'CIVIC_THROTTLED') return
  const ms = 1000 * (failure.retryAfter ?? DEFAULT_RETRY_AFTER)
  if (ms >= deadline.left) throw failure
  await deadline.wait(ms)
}

function isAuthCode(claims: Claims): claims is VerifiedAuthCode {
  const { jti, data } = claims
  return isText(jti) && isPlainObject(data) && isText(data['codeToken'])
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}

function malformed(): CivicError {
  return new CivicError(
    'CIVIC_TOKEN_MALFORMED',
    'An authorization code token must be a string, or what verifyAuthCode of this client returned, once',
  )
}
