import { createHmac } from 'node:crypto'
import type pg from 'pg'
import { RateLimiterMemory, RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible'
import type { RateLimiterAbstract } from 'rate-limiter-flexible'
import type { Limited, Limits } from './limits.ts'

interface Amount {
  readonly points: number
  /** Seconds. */
  readonly duration: number
  /** Whether all processes count together. The most frequent requests are counted in each process. */
  readonly isShared: boolean
}

/** The limits that operators can set. */
export interface LimitSettings {
  /** Scope requests per address and minute. */
  readonly address: number
  /** Scope requests per app and minute, and as many exchanges. */
  readonly app: number
  /** Changes at the attester per address and minute. */
  readonly attest: number
  /** Requests for attestations per wallet key and hour. */
  readonly key: number
  /** Documents per address and hour. */
  readonly documents: number
}

/** Many people can stand behind one address, of an office or a mobile network. */
export const USUAL_LIMITS: LimitSettings = { address: 120, app: 3_000, attest: 60, key: 30, documents: 20 }

/** A page that waits asks once a second. */
const CALLS_OF_ONE_LOGIN = 50
const MINUTE = 60
const HOUR = 3_600

/** How much there may be of everything. */
export function amountsOf(limits: LimitSettings): Readonly<Record<Limited, Amount>> {
  return {
    request: { points: CALLS_OF_ONE_LOGIN * limits.address, duration: MINUTE, isShared: false },
    ask: { points: limits.address, duration: MINUTE, isShared: true },
    'ask of app': { points: limits.app, duration: MINUTE, isShared: true },
    exchange: { points: limits.app, duration: MINUTE, isShared: true },
    attest: { points: limits.attest, duration: MINUTE, isShared: true },
    'attest key': { points: limits.key, duration: HOUR, isShared: true },
    document: { points: limits.documents, duration: HOUR, isShared: true },
  }
}

const USUAL = amountsOf(USUAL_LIMITS)

/** Counts in memory, for one process. */
export class MemoryLimits implements Limits {
  readonly #limiters: ReadonlyMap<string, RateLimiterAbstract>

  /** @param amounts override the defaults */
  constructor(amounts: Partial<Record<Limited, Amount>> = {}) {
    this.#limiters = limiters({ ...USUAL, ...amounts }, inMemory)
  }

  take(what: Limited, key: string): Promise<number | undefined> {
    return consumed(this.#limiters.get(what), key)
  }
}

/**
 * Counts in the database, for all processes that share it. While the database is unavailable, each process counts by
 * itself, so that people can still log in.
 */
export class SharedLimits implements Limits {
  readonly #pool: pg.Pool
  readonly #secret: string
  readonly #limiters: ReadonlyMap<string, RateLimiterAbstract>

  /** @param secret keys the hashes, so that the database contains no addresses */
  constructor(pool: pg.Pool, secret: string, amounts: Partial<Record<Limited, Amount>> = {}) {
    this.#pool = pool
    this.#secret = secret
    const shared = (options: Settings): RateLimiterAbstract =>
      new RateLimiterPostgres({
        ...options,
        storeClient: pool,
        storeType: 'pool',
        tableName: 'rate_limits',
        tableCreated: true,
        clearExpiredByTimeout: false,
        // A caller over the limit is refused without a database query
        inMemoryBlockOnConsumed: options.points + 1,
        insuranceLimiter: inMemory(options),
      })
    this.#limiters = limiters({ ...USUAL, ...amounts }, (options, isShared) =>
      isShared ? shared(options) : inMemory(options),
    )
  }

  take(what: Limited, key: string): Promise<number | undefined> {
    const hashed = createHmac('sha256', this.#secret).update(`${what}\n${key}`).digest('base64url')
    return consumed(this.#limiters.get(what), hashed)
  }

  /** Deletes up to a thousand expired counts. @returns how many */
  async sweep(now = Date.now()): Promise<number> {
    const { rowCount } = await this.#pool.query(
      'delete from rate_limits where key in (select key from rate_limits where expire < $1 limit 1000)',
      [now],
    )
    return rowCount ?? 0
  }
}

interface Settings {
  readonly keyPrefix: string
  readonly points: number
  readonly duration: number
}

function limiters(
  amounts: Readonly<Record<Limited, Amount>>,
  make: (settings: Settings, isShared: boolean) => RateLimiterAbstract,
): ReadonlyMap<string, RateLimiterAbstract> {
  return new Map(
    Object.entries(amounts).map(([what, { points, duration, isShared }]) => [
      what,
      make({ keyPrefix: what.replaceAll(' ', '-'), points, duration }, isShared),
    ]),
  )
}

function inMemory(settings: Settings): RateLimiterAbstract {
  return new RateLimiterMemory(settings)
}

async function consumed(limiter: RateLimiterAbstract | undefined, key: string): Promise<number | undefined> {
  try {
    await limiter?.consume(key)
    return undefined
  } catch (refused) {
    // It rejects with the remaining points, which is not an error
    if (refused instanceof RateLimiterRes) return Math.max(1, refused.msBeforeNext)
    throw refused
  }
}
