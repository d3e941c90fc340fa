import type { KeyObject } from 'node:crypto'
import { CivicError } from '../errors.ts'
import { openRecord, sealRecord } from './seal.ts'
import type { DirectStore } from './store.ts'
import type { AnswerItem } from './verify-answer.ts'
import type { Channel } from './wire.ts'

/** What is known of a request from its start. Times in milliseconds since the epoch. */
export interface RequestRecord {
  /** W1. */
  token: string
  /** The one-time private key, as hex; empty once the request is answered. */
  secret: string
  /** Wire value of the scope request. */
  label: string
  attributes: readonly string[]
  channel: Channel
  /** SHA-256 of the cookie of the browser that asks. */
  browser: string
  /** The network that it asks from. */
  network: string
  expires: number
}

/** How a request ended: the first outcome that is stored is the one that counts. */
export type Outcome =
  | {
      kind: 'answered'
      /** SHA-256 of the answer's bytes. */
      hash: string
      /** Names the record that holds the person's data. */
      data: string
      /** What the browser must bring, by the request's channel. */
      code?: string
      sameNetwork: boolean
      expires: number
      taken?: true
    }
  | { kind: 'denied'; hash: string }
  | { kind: 'over' }

export type Answered = Extract<Outcome, { kind: 'answered' }>

/** A person's data, until the browser that asked takes it. */
export interface AnsweredData {
  userId: string
  items: AnswerItem[]
}

/** A store that has not answered by now is down. */
const STORE_MS = 5_000

/** The records of requests, sealed, in a store that may fail or hang. Every method rejects with a CivicError. */
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

  /** True if there was none of this name. */
  async add(name: string, value: object, ttlMs: number): Promise<boolean> {
    const sealed = sealRecord(name, value, this.#keys()[0])
    return inTime(async () => this.#store.add(name, sealed, ttlMs))
  }

  /** Undefined also for one that does not open. */
  async get(name: string): Promise<unknown> {
    return this.#open(name, await inTime(async () => this.#store.get(name)))
  }

  async take(name: string): Promise<unknown> {
    return this.#open(name, await inTime(async () => this.#store.take(name)))
  }

  /** Sets a mark, which holds nothing. */
  async claim(name: string, ttlMs: number): Promise<void> {
    await inTime(async () => this.#store.add(name, '1', ttlMs))
  }

  async isClaimed(name: string): Promise<boolean> {
    return (await inTime(async () => this.#store.get(name))) !== undefined
  }

  /**
   * Claims the first free one of `count` marks.
   *
   * @param owner who has a mark already gets the same one again
   * @returns its number, from 1; undefined if none is free
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

/** The store's own error stays out: a client library puts the command's arguments in it. */
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
