import { randomUUID } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { channel } from 'node:diagnostics_channel'
import { openAnswer, refusal } from './answer.ts'
import type { CivicUser } from './answer.ts'
import { loadVerifier } from './attestations.ts'
import type { Deadline } from './deadline.ts'
import { debug } from './debug.ts'
import { CivicError } from './errors.ts'
import { isPlainObject } from './objects.ts'
import { readOptions } from './options.ts'
import type { CivicClientOptions, Credentials, Settings } from './options.ts'
import { requestExtension } from './payload.ts'
import { MemoryReplayStore } from './replay.ts'
import type { ReplayStore } from './replay.ts'
import { verifyToken } from './token.ts'
import type { Claims, ExpectedClaims } from './token.ts'
import { asUsed, createSend, isLostOnReuse } from './transport.ts'
import type { Answer, Request, Send } from './transport.ts'
import { UserData } from './user-data.ts'

/** The claims of a verified authorization code token (docs/protocol.md#code-token), frozen. */
export interface VerifiedAuthCode extends Claims {
  readonly jti: string
  readonly data: { readonly codeToken: string }
}

/** The message of the diagnostics channel `passport-civic-sip:exchange`, one for each exchange. */
export interface ExchangeEvent {
  readonly appId: string
  /** The CivicError's code; undefined if the exchange succeeded. */
  readonly code: string | undefined
  /** The CivicError's status; 200 if the exchange succeeded. */
  readonly status: number
  /** Milliseconds. */
  readonly duration: number
}

const exchanges = channel('passport-civic-sip:exchange')

const REQUEST_TOKEN_SECONDS = 180
/** Seconds to wait if SIP throttles and does not say how long. */
const DEFAULT_RETRY_AFTER = 0.5

/** One app's settings and connections. Apps share nothing. Contains secrets: do not expose it. */
export interface App {
  readonly settings: Settings
  readonly send: Send
  /** Remembers the approvals that were used; only set if attestations are verified. */
  readonly approvals: ReplayStore | undefined
}

/**
 * @param store remembers used approvals; by default, each app has one
 * @throws TypeError naming the option that is wrong
 */
export function createApp(options: CivicClientOptions, store?: ReplayStore): App {
  const settings = readOptions(options)
  const approvals = settings.attestations && (store ?? new MemoryReplayStore())
  return { settings, send: createSend(settings), approvals }
}

/**
 * Verifies an authorization code token without network traffic.
 *
 * @throws CivicError `CIVIC_TOKEN_INVALID` or `CIVIC_TOKEN_EXPIRED`
 */
export function verifyCodeToken(token: string, { settings }: App): VerifiedAuthCode {
  const claims = verifyToken(token, settings.sipKeys, settings.expected)
  if (!isAuthCode(claims))
    throw new CivicError('CIVIC_TOKEN_INVALID', 'The token is refused: it contains no authorization code', {
      reason: 'code',
    })
  Object.freeze(claims.data)
  return Object.freeze(claims)
}

/**
 * Exchanges a verified authorization code token for the person's data.
 *
 * @throws CivicError, whose `code` says what happened
 */
export async function exchange(authToken: string, app: App, deadline: Deadline): Promise<CivicUser> {
  const started = performance.now()
  const { expected } = app.settings
  try {
    // Loaded before the code is used, in case that fails
    const verifyAttested = app.approvals && (await loadVerifier())
    const body = await requestData(authToken, app, deadline)
    const opened = await openAnswer(body, app.settings, app.send, deadline)
    const user =
      app.approvals && verifyAttested
        ? await verifyAttested(opened, app.settings, app.approvals, deadline)
        : { userId: opened.userId, data: new UserData(opened.payload as object[]) }
    report(expected, started)
    return user
  } catch (error) {
    report(expected, started, error as CivicError)
    throw error
  }
}

type SignToken = (claims: Claims, key: KeyObject) => string

let signing: Promise<SignToken> | undefined

/** Loads jsonwebtoken with the first exchange: that takes as long as the rest of the package. */
function loadSigning(): Promise<SignToken> {
  /* c8 ignore next -- tsx, which runs the tests, compiles import() to a branch */
  signing ??= import('./sign-token.ts').then((module) => module.signToken)
  return signing
}

/** Posts the token with the current credentials and, on 401, once with the previous ones. A 401 uses no code. */
async function requestData(authToken: string, app: App, deadline: Deadline): Promise<string> {
  const [current, previous] = app.settings.credentials
  const code = { mayBeUsed: false }
  try {
    let answer = await post(authToken, current, code, app, deadline)
    if (answer.status === 401 && previous) answer = await post(authToken, previous, code, app, deadline)
    if (answer.status !== 200) throw refusal(answer)
    return answer.body
  } catch (error) {
    throw code.mayBeUsed ? asUsed(error as CivicError) : error
  }
}

/**
 * Posts the token, and again while SIP cannot have used the code. Also once if an idle connection turned out to be dead
 * (see `isLostOnReuse`); after that, the code may be used.
 */
async function post(
  authToken: string,
  credentials: Credentials,
  code: { mayBeUsed: boolean },
  { settings, send }: App,
  deadline: Deadline,
): Promise<Answer> {
  const signToken = await loadSigning()
  for (let left = settings.retries; ; left--) {
    try {
      const request = exchangeRequest(authToken, credentials, settings, signToken)
      const answer = await send(settings.exchangeUrl, request, deadline)
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

/** The exchange's request, with a new request token each time (docs/protocol.md#exchange-request). */
function exchangeRequest(
  authToken: string,
  { key, secret }: Credentials,
  { expected: { subject, audience }, attestations }: Settings,
  signToken: SignToken,
): Request {
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
  const body = { authToken, allowS3UploadedPayload: true, ...(attestations && { format: 'W3C' }) }
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

/** Tells the channel's subscribers; a success has no error. */
function report({ subject }: ExpectedClaims, started: number, error?: CivicError): void {
  const { code, status = 200 } = error ?? {}
  const event: ExchangeEvent = { appId: subject, code, status, duration: performance.now() - started }
  exchanges.publish(event)
  debug('exchange %j', { ...event, reason: error?.reason })
}

/** Waits as long as SIP asks. If that would pass the deadline, the failure is the outcome at once. */
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
