import type { KeyObject } from 'node:crypto'
import { CivicError } from '../errors.ts'
import { openRecord, sealRecord } from './seal.ts'
import type { DirectStore } from './store.ts'
import type { AnswerItem } from './verify-answer.ts'
import type { Channel } from './wire.ts'

/** A request, as it started. Times in milliseconds since the epoch. */
export interface RequestRecord {
  /** W1. */
  token: string
  /** The one-time private key, as hex; empty after the response. */
  secret: string
  /** Wire value of the scope request. */
  label: string
  attributes: readonly string[]
  channel: Channel
  /** SHA-256 of the browser's cookie. */
  browser: string
  /** The browser's network. */
  network: string
  expires: number
}

/** How a request ended. The first stored outcome counts. */
export type Outcome =
  | {
      kind: 'answered'
      /** SHA-256 of the response's bytes. */
      hash: string
      /** The id of the record with the person's data. */
      data: string
      /** What the browser must send, depending on the request's channel. */
      code?: string
      sameNetwork: boolean
      expires: number
      taken?: true
    }
  | { kind: 'denied'; hash: string }
  | { kind: 'over' }

export type Answered = Extract<Outcome, { kind: 'answered' }>

/** A person's data, until the browser takes it. */
export interface AnsweredData {
  userId: string
  items: AnswerItem[]
}

/** A store that has not responded by then is down. */
const STORE_MS = 5_000

/** The sealed records of requests, in a store that may fail or hang. Every method rejects with a CivicError. */
export class Records {
  readonly #store: DirectStore
  readonly #keys: () => readonly [KeyObject, ...KeyObject[]]

  constructor(store: DirectStore, keys: () => readonly [KeyObject, ...KeyObject[]]) {
    this.#store = store
    this.#keys = keys
  }

  async set(name: string, value: object, ttlMs: number): Promise<void> {
    const sealed = sealRecord(name, value, this.#keys()[0])
    await inTime(async () => this.#store.set(name, sealed, ttlMs))
  }

  /** True if no record had this name. */
  async add(name: string, value: object, ttlMs: number): Promise<boolean> {
    const sealed = sealRecord(name, value, this.#keys()[0])
    return inTime(async () => this.#store.add(name, sealed, ttlMs))
  }

  /** Undefined if there is no record, or it cannot be opened. */
  async get(name: string): Promise<unknown> {
    return this.#open(name, await inTime(async () => this.#store.get(name)))
  }

  async take(name: string): Promise<unknown> {
    return this.#open(name, await inTime(async () => this.#store.take(name)))
  }

  /** Sets a mark, which has no contents. */
  async claim(name: string, ttlMs: number): Promise<void> {
    await inTime(async () => this.#store.add(name, '1', ttlMs))
  }

  async isClaimed(name: string): Promise<boolean> {
    return (await inTime(async () => this.#store.get(name))) !== undefined
  }

  /**
   * Claims the first free mark of `count`.
   *
   * @param owner gets the same mark again if it has one already
   * @returns the mark's number, from 1; undefined if none is free
   */
  async claimOneOf(name: string, count: number, ttlMs: number, owner = ''): Promise<number | undefined> {
    for (let number = 1; number <= count; number++) {
      const mark = `${name}:${number}`
      if (await inTime(async () => this.#store.add(mark, owner, ttlMs))) return number
      if (owner !== '' && (await inTime(async () => this.#store.get(mark))) === owner) return number
    }
    return undefined
  }

  #open(name: string, sealed: string | undefined): unknown {
    return sealed === undefined ? undefined : openRecord(name, sealed, this.#keys())
  }
}

/** Not passed on as the cause: client libraries put the command's arguments into their errors. */
async function inTime<T>(work: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(reject, STORE_MS)
  })
  try {
    return await Promise.race([work(), late])
  } catch {
    throw new CivicError('CIVIC_STORE_UNAVAILABLE', 'The request store fails or is too slow', {
      retryable: true,
    })
  } finally {
    clearTimeout(timer)
  }
}
