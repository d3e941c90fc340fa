import { shortly } from './describe-error.ts'

/** Checks one thing that the server needs. */
export interface HealthCheck {
  /** The check's name, such as `database`. */
  readonly name: string
  /** Whether nobody can log in without it, so that this process should get no requests. */
  readonly isVital: boolean
  /** @returns what is wrong, in words; undefined if nothing is. It may throw */
  readonly check: () => Promise<string | undefined>
}

export interface Problem {
  readonly what: string
  readonly reason: string
}

export interface Readiness {
  readonly isReady: boolean
  /** The failed checks, vital or not. */
  readonly problems: readonly Problem[]
}

/** A check that takes longer counts as failed. */
const TIMEOUT_MS = 3_000
/** How long a result is cached: platforms ask often, and another organisation may run the ledger. */
const FRESH_MS = 5_000

/** Whether this process can serve. */
export class Health {
  readonly #checks: readonly {
    readonly check: HealthCheck
    readonly look: () => Promise<string | undefined>
  }[]
  #isStopping = false

  constructor(checks: readonly HealthCheck[], now: () => number = Date.now) {
    this.#checks = checks.map((check) => ({ check, look: remembered(() => bounded(check), now) }))
  }

  /** Makes this process not ready, so that the proxy in front stops using it. */
  stop(): void {
    this.#isStopping = true
  }

  async readiness(): Promise<Readiness> {
    if (this.#isStopping) return { isReady: false, problems: [{ what: 'process', reason: 'it is stopping' }] }
    const found = await Promise.all(
      this.#checks.map(async ({ check: { name, isVital }, look }) => ({
        name,
        isVital,
        reason: await look(),
      })),
    )
    const problems = found.flatMap(({ name, reason }) =>
      reason === undefined ? [] : [{ what: name, reason }],
    )
    return { isReady: found.every(({ isVital, reason }) => !isVital || reason === undefined), problems }
  }
}

/** @returns why it failed, including an exception or a timeout */
async function bounded({ check }: HealthCheck): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`no response within ${TIMEOUT_MS / 1000} s`), TIMEOUT_MS)
  })
  try {
    return await Promise.race([check(), late])
  } catch (error) {
    return shortly(error)
  } finally {
    clearTimeout(timer)
  }
}

/** Runs once for all callers within `FRESH_MS`. */
function remembered<T>(look: () => Promise<T>, now: () => number): () => Promise<T> {
  let last: { readonly at: number; readonly found: Promise<T> } | undefined
  return () => {
    if (last === undefined || now() - last.at >= FRESH_MS) last = { at: now(), found: look() }
    return last.found
  }
}
