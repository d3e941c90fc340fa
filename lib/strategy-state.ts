import PassportStrategy from 'passport-strategy'
import { requireThat } from './require.ts'

/** Typed here, so that the published types need no `@types/passport-strategy` and no `@types/express`. */
export const Base = PassportStrategy as unknown as new () => object

export type AnyVerify = (...args: unknown[]) => unknown

/**
 * Reads a strategy's arguments: the verify callback is always last.
 *
 * @param counts the allowed numbers of arguments before it
 * @throws TypeError
 */
export function readArguments(
  args: readonly unknown[],
  counts: readonly number[],
): { before: readonly unknown[]; verify: AnyVerify } {
  const before = args.slice(0, -1)
  const verify = args.at(-1)
  requireThat(
    typeof verify === 'function' && counts.includes(before.length),
    'verify must be a function, after the options',
  )
  return { before, verify: verify as AnyVerify }
}

/** Each strategy's private state, such as its verify callback. */
export class States<State extends object> {
  // Passport runs each request on Object.create(strategy), which has no private fields and is not a key of the WeakMap
  readonly #states = new WeakMap<object, State>()

  set(strategy: object, state: State): void {
    this.#states.set(strategy, state)
  }

  /** The state of a strategy, or of the object that Passport made from it for one request. */
  of(strategy: object): State {
    let at = strategy
    while (!this.#states.has(at)) at = Object.getPrototypeOf(at) as object
    return this.#states.get(at) as State
  }
}
