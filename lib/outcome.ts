import { debug } from './debug.ts'
import { CivicError } from './errors.ts'
import type { AnyRequest } from './origin.ts'
import { nameProvider } from './provider.ts'
import type { UserData } from './user-data.ts'
import { asError, callVerify } from './verify-callback.ts'
import type { Done } from './verify-callback.ts'

/** What Passport adds to a strategy for one request. */
interface Actions {
  success(user: unknown, info?: unknown): void
  fail(challenge: unknown, status: number): void
  error(error: unknown): void
}

/** The outcome of one request. */
export type Outcome =
  | { kind: 'success'; user: unknown; info: unknown }
  | { kind: 'fail'; challenge: unknown; status: number }
  | { kind: 'error'; error: unknown }

/** A verified person. */
export interface Verified {
  readonly userId: string
  readonly data: UserData
  /** Added to the app's `info` on success. */
  readonly info?: Readonly<Record<string, unknown>>
}

/** One request to a strategy, and how to call the verify callback. */
export interface Attempt {
  readonly name: string
  readonly req: AnyRequest
  readonly verify: (...args: unknown[]) => unknown
}

/**
 * Handles one request, up to its outcome.
 *
 * @param prepare reads the settings, which may depend on the request
 * @param logIn verifies the person
 * @param expected the configured value that the request did not match, for the debug line
 */
export async function outcomeOf<Settings extends { readonly passReqToCallback: boolean }>(
  { name, req, verify }: Attempt,
  prepare: () => Settings | Promise<Settings>,
  logIn: (settings: Settings) => Promise<Verified>,
  expected: (settings: Settings, error: CivicError) => string | undefined,
): Promise<Outcome> {
  let settings: Settings | undefined
  let person: Verified
  let decide: (done: Done<unknown>) => unknown
  try {
    settings = await prepare()
    person = await logIn(settings)
    nameProvider(person.data, name)
    const args: unknown[] = [person.userId, person.data]
    if (settings.passReqToCallback) args.unshift(req)
    decide = (done) => verify(...args, done)
  } catch (error) {
    if (!(error instanceof CivicError)) return failure(error, 'the options or the request cannot be read')
    const { message, code, reason, status, expose } = error
    const kind = expose ? 'fail' : 'error'
    const wanted = settings && expected(settings, error)
    debug('login %j', { outcome: kind, status, code, reason, expected: wanted })
    return expose ? { kind: 'fail', challenge: { message, code, reason }, status } : { kind: 'error', error }
  }
  try {
    const verdict = await callVerify(decide)
    if (verdict.user) {
      debug('login %j', { outcome: 'success', status: 200 })
      return { kind: 'success', user: verdict.user, info: withInfo(verdict.info, person.info) }
    }
    debug('login %j', { outcome: 'fail', status: 401, reason: 'the verify callback gave no user' })
    return { kind: 'fail', challenge: verdict.info, status: 401 }
  } catch (error) {
    return failure(error, 'the verify callback failed')
  }
}

/** Returns the app's info unchanged if the strategy has nothing to add. */
function withInfo(info: unknown, more: Verified['info']): unknown {
  if (!more) return info
  return typeof info === 'object' && info !== null ? { ...info, ...more } : more
}

/** Any error but a CivicError may contain anything, so no log line shows it. */
function failure(thrown: unknown, reason: string): Outcome {
  debug('login %j', { outcome: 'error', reason })
  return { kind: 'error', error: asError(thrown) }
}

/** Passport's actions run the app's code. If that throws, the request must still have an outcome. */
export function deliver(strategy: Actions, outcome: Outcome): void {
  try {
    if (outcome.kind === 'success') strategy.success(outcome.user, outcome.info)
    else if (outcome.kind === 'fail') strategy.fail(outcome.challenge, outcome.status)
    else strategy.error(outcome.error)
  } catch (thrown) {
    try {
      strategy.error(thrown)
    } catch (again) {
      process.emitWarning(again instanceof Error ? again : new Error('passport-civic-sip: error() threw'))
    }
  }
}
