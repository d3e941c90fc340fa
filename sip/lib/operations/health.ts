import { shortly } from './describe-error.ts'

/** Finds out whether something that the server needs is well. */
export interface HealthCheck {
  /** Such as `database`. */
  readonly name: string
  /** Whether nobody can log in without it, so that no request should come here. */
  readonly isVital: boolean
  /** @returns what is wrong, in words; undefined if all is well. It may throw */
  readonly check: () => Promise<string | undefined>
}

export interface Problem {
  readonly what: string
  readonly reason: string
}

export interface Readiness {
  readonly isReady: boolean
  /** Vital or not. */
  readonly problems: readonly Problem[]
}

/** A check that takes longer counts as failed. */
const TIMEOUT_MS = 3_000
/** How long a result is good for: platforms ask often, and the ledger may be of another organisation. */
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

  /** From now on this process is not ready, so that the proxy in front leaves it alone. */
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

/** @returns why it failed, also where it threw or took too long */
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

/** Looks once for all who ask within `FRESH_MS`. */
function remembered<T>(look: () => Promise<T>, now: () => number): () => Promise<T> {
  let last: { readonly at: number; readonly found: Promise<T> } | undefined
  return () => {
    if (last === undefined || now() - last.at >= FRESH_MS) last = { at: now(), found: look() }
    return last.found
  }
}
