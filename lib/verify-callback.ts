import { isObject } from './objects.ts'
import type { AnyRequest } from './origin.ts'
import { unref } from './timers.ts'
import type { UserData } from './user-data.ts'

/** Passport's `done`. No user (`null`, `false`, nothing) is a refusal, which `info` may explain. */
export type Done<User> = (error: unknown, user?: User | false | null, info?: unknown) => void

/** What a verify callback may return instead of calling `done`; `undefined` means "wait for done". */
export type VerifyResult<User> =
  | User
  | false
  | null
  | undefined
  // eslint-disable-next-line @typescript-eslint/no-invalid-void-type -- a callback that calls done returns nothing
  | void
  | { user: User | false | null | undefined; info?: unknown }

/** Finds, creates or links the account of a verified person. */
export type Verify<User> = (
  userId: string,
  scopeData: UserData,
  done: Done<User>,
) => VerifyResult<User> | Promise<VerifyResult<User>>

/** The same with `passReqToCallback: true`. */
export type VerifyWithRequest<User, Req extends AnyRequest> = (
  req: Req,
  userId: string,
  scopeData: UserData,
  done: Done<User>,
) => VerifyResult<User> | Promise<VerifyResult<User>>

/** The app's decision: a user, or none. */
export interface Verdict {
  user: unknown
  info: unknown
}

/** How long to wait for `done` after a callback returned nothing, or a promise of nothing. */
const DONE_MS = 30_000

/**
 * Runs a verify callback until it returns a result or calls `done`, whichever is first.
 *
 * @throws what the callback threw or passed to `done`
 */
export function callVerify(verify: (done: Done<unknown>) => unknown): Promise<Verdict> {
  return new Promise((resolve, reject) => {
    let settled = false
    let timer: NodeJS.Timeout | undefined
    const succeed = (verdict: Verdict): void => {
      settled = true
      clearTimeout(timer)
      resolve(verdict)
    }
    const fail = (thrown: unknown): void => {
      settled = true
      clearTimeout(timer)
      reject(explain(thrown))
    }
    const done: Done<unknown> = (error, user, info) => (error ? fail(error) : succeed({ user, info }))
    const returned = (value: unknown): void => {
      if (value !== undefined) succeed(toVerdict(value))
      else if (!settled) timer = failLater(fail)
    }
    try {
      const value = verify(done)
      if (value === undefined) returned(value)
      else Promise.resolve(value).then(returned).catch(fail)
    } catch (thrown) {
      fail(thrown)
    }
  })
}

/** A timer that keeps no process alive. */
function failLater(fail: (error: Error) => void): NodeJS.Timeout {
  return unref(setTimeout(() => fail(new Error(FORGOTTEN)), DONE_MS))
}

const FORGOTTEN =
  'The verify callback returned nothing and has not called done in 30 seconds: ' +
  'return the user (or a promise of it), or call done(error, user). Its arguments are (userId, scopeData, done)'

/** A callback with two arguments, as in passport-civic, calls the scopeData as `done`. */
function explain(thrown: unknown): unknown {
  if (!(thrown instanceof TypeError) || !/^(?:done|cb|callback|next) is not a function/.test(thrown.message))
    return thrown
  const message = `${thrown.message} (the verify callback's arguments are: userId, scopeData, done)`
  return new TypeError(message, { cause: thrown })
}

/** `{ user, info }` is both; with any other property it is a user, such as a row with a column `user`. */
function toVerdict(value: unknown): Verdict {
  const isBoth =
    isObject(value) &&
    Object.hasOwn(value, 'user') &&
    Reflect.ownKeys(value).every((key) => key === 'user' || key === 'info')
  return isBoth ? { info: undefined, ...(value as { user: unknown }) } : { user: value, info: undefined }
}

/** Express reads these as "no error" and "skip the rest": a throw must never let a request pass. */
export function asError(thrown: unknown): unknown {
  if (thrown && thrown !== 'route' && thrown !== 'router') return thrown
  return new Error('A value that is not an Error was thrown')
}
