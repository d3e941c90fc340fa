import { createHash } from 'node:crypto'
import type { CivicUser } from './answer.ts'
import { consume, release, startConsume } from './consume.ts'
import { Deadline } from './deadline.ts'
import { CivicError } from './errors.ts'
import { exchange, verifyCodeToken } from './exchange.ts'
import type { VerifiedAuthCode } from './exchange.ts'
import { guard } from './guard.ts'
import type { AuthenticateOptions } from './guard.ts'
import type { AnyRequest } from './origin.ts'
import type { ReplayStore } from './replay.ts'
import type { StrategySettings } from './strategy-options.ts'

/**
 * From a request to a verified person.
 *
 * @throws CivicError for a refusal or failure; TypeError for a request that cannot be read; anything that
 *   `tokenFromRequest` throws
 */
export async function logIn(
  settings: StrategySettings,
  req: AnyRequest,
  options: AuthenticateOptions,
): Promise<CivicUser> {
  const token = await settings.tokenOf(req)
  // Before the origin check, so that a chain of strategies responds "bad request", not "forbidden"
  if (isMissing(token)) {
    throw new CivicError(
      'CIVIC_TOKEN_MISSING',
      'The request contains no authorization code token (is its body parsed, and tokenField the right name?)',
    )
  }
  const refusal = guard(req, options, settings)
  if (refusal) {
    if (refusal.code === 'CIVIC_CROSS_ORIGIN') await burn(settings, token)
    throw refusal
  }
  const code = verify(settings, token)
  return withDeadline(settings, (deadline) => exchangeOnce(settings, code, deadline))
}

function isMissing(token: unknown): boolean {
  return token === undefined || token === null || token === ''
}

/** A verified token, and its claims. */
interface Code {
  readonly token: string
  readonly claims: VerifiedAuthCode
}

/** Checks type and length, then everything that verifyAuthCode checks. */
function verify({ app, maxTokenLength }: StrategySettings, token: unknown): Code {
  if (typeof token !== 'string') throw new CivicError('CIVIC_TOKEN_MALFORMED', 'The token must be a string')
  if (token.length > maxTokenLength)
    throw new CivicError('CIVIC_TOKEN_MALFORMED', 'The token is too long', { reason: 'length' })
  return { token, claims: verifyCodeToken(token, app) }
}

async function withDeadline<T>(
  { app }: StrategySettings,
  work: (deadline: Deadline) => Promise<T>,
): Promise<T> {
  const deadline = new Deadline(app.settings.timeout)
  try {
    return await work(deadline)
  } finally {
    deadline.stop()
  }
}

/**
 * Marks the token of a refused request as used: a script may reload the page that shows the refusal, which posts the
 * same body again, as `same-origin`. A forged token marks nothing.
 */
async function burn(settings: StrategySettings, token: unknown): Promise<void> {
  let code: Code
  try {
    code = verify(settings, token)
  } catch {
    return
  }
  const { burnt, replayStore } = settings
  const { key, ttlMs } = replayKey(settings, code)
  // In this process too, in case the shared store fails
  const stores = new Set<ReplayStore>(replayStore === false ? [burnt] : [burnt, replayStore])
  const marks = [...stores].map((store) => startConsume(store, key, ttlMs))
  // The outcome stays the refusal, even if a store fails
  await withDeadline(settings, (deadline) => deadline.race(Promise.allSettled(marks))).catch(() => undefined)
}

function replayKey({ app }: StrategySettings, { claims }: Code): { key: string; ttlMs: number } {
  const { sub, jti, data, iat, exp } = claims
  const key = createHash('sha256')
    .update(JSON.stringify([sub, jti, data.codeToken]))
    .digest('hex')
  // So that no clock difference lets a token outlive its key
  const ttlMs = Math.ceil((exp - iat + 2 * app.settings.expected.clockTolerance) * 1000)
  return { key, ttlMs }
}

/** Marks the code as used, exchanges it, and releases it only if it cannot have been used. */
async function exchangeOnce(settings: StrategySettings, code: Code, deadline: Deadline): Promise<CivicUser> {
  const { app, replayStore, burnt } = settings
  const { key, ttlMs } = replayKey(settings, code)
  if (burnt.has(key)) throw replayed()
  if (replayStore === false) return exchange(code.token, app, deadline)
  if (!(await consume(replayStore, key, ttlMs, deadline))) throw replayed()
  try {
    return await exchange(code.token, app, deadline)
  } catch (error) {
    // If the store cannot forget the key, this token is lost, but the first error must still be reported
    if ((error as CivicError).retryable) await deadline.race(release(replayStore, key)).catch(() => undefined)
    throw error
  }
}

function replayed(): CivicError {
  return new CivicError('CIVIC_TOKEN_REPLAYED', 'The token was used before')
}
