import { randomUUID } from 'node:crypto'
import type { Mail, Mailer, Texter } from '../attester/mailer.ts'
import { HttpError } from '../http/http.ts'
import { shortly } from '../operations/describe-error.ts'
import type { Clock } from '../store/expiring-map.ts'
import type { Channel, OutboxStore, TakenMessage } from '../store/outbox.ts'
import { unref } from '../timers.ts'
import type { Place, Seal } from './sealer.ts'

/** More than a server sends in an hour without its mail server. Messages that strangers can ask for are refused then. */
const MAX_WAITING = 10_000
const AT_ONCE = 10
const POLL_MS = 1_000
/** A send that takes longer counts as failed. */
const SEND_MS = 60_000
/** When a message of a dead worker is tried again: well after its send would have ended. */
const LEASE_MS = 2 * SEND_MS
const FIRST_RETRY_MS = 5_000
const MAX_RETRY_MS = 4 * 60 * 60 * 1000
/** More than fit into the lifetime of a message. */
const MAX_ATTEMPTS = 50
/** How long to retry a message without a deadline: as long as mail servers do. */
const LIFETIME_MS = 5 * 24 * 60 * 60 * 1000
const KEEP_DEAD_MS = 30 * 24 * 60 * 60 * 1000
/** Longer than a key rotation takes. */
const KEEP_OCCASIONS_MS = 2 * 365 * 24 * 60 * 60 * 1000
const SWEPT_AT_ONCE = 1_000

/** A message, for a sender. */
export interface Outgoing extends Pick<Mail, 'to' | 'text'> {
  /** The same for each attempt, so that the receiving side can detect duplicates. */
  readonly id: string
  readonly subject?: string
  readonly html?: string
}

interface Limits {
  readonly until: number | undefined
  readonly occasion?: string | undefined
  /** How many messages may wait. Undefined: however many. */
  readonly max: number | undefined
}

/** Sends one message. @throws SendingFailed; any other error is retried */
export type Send = (message: Outgoing, signal: AbortSignal) => Promise<void>

/** A message could not be sent. The operator sees the reason, which contains no address and no content. */
export class SendingFailed extends Error {
  override readonly name = 'SendingFailed'
  /** Whether to give up at once. */
  readonly isFinal: boolean

  constructor(reason: string, isFinal = false) {
    super(reason)
    this.isFinal = isFinal
  }
}

export interface OutboxOptions {
  readonly store: OutboxStore
  readonly seal: Seal
  /** The senders by channel. A message without a sender is refused. */
  readonly senders: { readonly [C in Channel]?: Send }
  readonly clock?: Clock
  /** Called with a line for each message that was given up, without address and content. */
  readonly log?: (line: string) => void
}

/**
 * Stores messages until they are sent, and retries with growing pauses. Each message is sent at least once, or given up
 * and counted. It is sent a second time, with the same id, only if a process dies between sending and recording that,
 * or the other side accepts a message without saying so.
 */
export class Outbox implements Mailer {
  readonly #options: OutboxOptions
  readonly #clock: Clock
  #timer: NodeJS.Timeout | undefined
  #round: Promise<void> | undefined
  #isWanted = false

  constructor(options: OutboxOptions) {
    this.#options = options
    this.#clock = options.clock ?? Date.now
  }

  /** Sends text messages, if there is a sender for them. */
  get texter(): Texter | undefined {
    if (!this.#options.senders.sms) return undefined
    return { send: ({ to, text, until }) => this.#put('sms', { to, text }, { until, max: MAX_WAITING }) }
  }

  /**
   * Stores an email to send.
   * @throws HttpError 503 if too many wait already, unless `evenIfFull` is set
   */
  send({ until, occasion, evenIfFull = false, ...message }: Mail): Promise<void> {
    return this.#put('email', message, { until, occasion, max: evenIfFull ? undefined : MAX_WAITING })
  }

  /** Starts sending, now and whenever there are messages. */
  start(): void {
    this.#timer ??= unref(setInterval(() => this.#wake(), POLL_MS))
    this.#wake()
  }

  /** Stops sending, after the running sends. */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    this.#timer = undefined
    await this.#round
  }

  /** Sends one round of due messages. @returns how many messages it took */
  async work(): Promise<number> {
    const { store } = this.#options
    const now = this.#clock()
    const taken = await store.take(AT_ONCE, now, now + LEASE_MS)
    await Promise.all(taken.map((message) => this.#attempt(message)))
    return taken.length
  }

  /** Deletes messages that were given up long ago, and occasions that do not come again. */
  sweep(): Promise<void> {
    const now = this.#clock()
    const before = { died: now - KEEP_DEAD_MS, occasions: now - KEEP_OCCASIONS_MS }
    return this.#options.store.sweep(before, SWEPT_AT_ONCE)
  }

  async #put(
    channel: Channel,
    message: Omit<Outgoing, 'id'>,
    { until, occasion, max }: Limits,
  ): Promise<void> {
    const { store, seal, senders } = this.#options
    if (!senders[channel]) throw new HttpError(503, `this server sends no ${channel}`)
    const id = randomUUID()
    const createdAt = this.#clock()
    const queued = {
      id,
      channel,
      sealed: seal.seal(placeOf(id), JSON.stringify(message)),
      until: until ?? createdAt + LIFETIME_MS,
      createdAt,
    }
    if (!(await store.put(queued, max, occasion))) {
      throw new HttpError(503, 'too many messages are waiting to be sent', { 'Retry-After': '60' })
    }
    if (this.#timer) this.#wake()
  }

  #wake(): void {
    // Messages that arrive during a round are sent after it
    this.#isWanted = true
    this.#round ??= this.#rounds().finally(() => (this.#round = undefined))
  }

  async #rounds(): Promise<void> {
    try {
      while (this.#isWanted && this.#timer) {
        this.#isWanted = false
        this.#isWanted = (await this.work()) === AT_ONCE || this.#isWanted
      }
    } catch (error) {
      this.#options.log?.(`outbox: ${shortly(error)}`)
    }
  }

  async #attempt(message: TakenMessage): Promise<void> {
    const { store } = this.#options
    const { id, attempt, until } = message
    if (until <= this.#clock()) return this.#bury(message, 'it was of no use any more')
    // A message that kills each worker ends here
    if (attempt > MAX_ATTEMPTS) return this.#bury(message, 'it was tried too often')
    try {
      await this.#deliver(message)
    } catch (error) {
      const reason = error instanceof SendingFailed ? error.message : 'sending failed'
      const next = this.#clock() + Math.min(FIRST_RETRY_MS * 2 ** (attempt - 1), MAX_RETRY_MS)
      const isOver = (error instanceof SendingFailed && error.isFinal) || attempt >= MAX_ATTEMPTS
      if (isOver || next >= until) return this.#bury(message, reason)
      await store.postpone({ id, attempt }, next)
      return
    }
    await store.remove({ id, attempt })
  }

  async #deliver({ id, channel, sealed }: TakenMessage): Promise<void> {
    const { seal, senders } = this.#options
    const send = senders[channel]
    if (!send) throw new SendingFailed(`there is no sender for ${channel}`)
    const message = JSON.parse(opened(seal, placeOf(id), sealed)) as Omit<Outgoing, 'id'>
    const signal = AbortSignal.timeout(SEND_MS)
    await Promise.race([send({ id, ...message }, signal), aborted(signal)])
  }

  async #bury({ id, attempt, channel }: TakenMessage, reason: string): Promise<void> {
    const { store, log } = this.#options
    if (await store.bury({ id, attempt }, reason, this.#clock())) {
      log?.(`outbox: gave up a message by ${channel} after ${attempt} attempts: ${reason}`)
    }
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new SendingFailed('it took too long')), { once: true })
  })
}

function opened(seal: Seal, place: Place, sealed: string): string {
  try {
    return seal.open(place, sealed)
  } catch {
    throw new SendingFailed('it does not open: the secret has changed', true)
  }
}

function placeOf(id: string): Place {
  return { table: 'outbox', row: id, column: 'sealed.message' }
}
