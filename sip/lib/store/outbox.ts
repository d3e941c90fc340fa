/** How a message goes out. */
export type Channel = 'email' | 'sms'

/** A message that waits to be sent. Its text and its recipient are sealed. */
export interface QueuedMessage {
  readonly id: string
  readonly channel: Channel
  readonly sealed: string
  /** When it is of no use any more. All times are milliseconds since the epoch. */
  readonly until: number
  readonly createdAt: number
}

/** A message that one worker has taken. `attempt` is 1 the first time; who holds an older one holds nothing. */
export interface TakenMessage extends QueuedMessage {
  readonly attempt: number
}

/** Names one attempt. */
export type Attempt = Pick<TakenMessage, 'id' | 'attempt'>

/** A message that was given up, without its text and its recipient. */
export interface DeadLetter {
  readonly id: string
  readonly channel: Channel
  readonly attempts: number
  /** Why, in words that name nobody. */
  readonly reason: string
  readonly createdAt: number
  readonly diedAt: number
}

/** Times, up to which something is forgotten. */
export interface Before {
  readonly died: number
  readonly occasions: number
}

export interface OutboxCounts {
  readonly waiting: number
  readonly dead: number
  /** Since when the oldest message waits. */
  readonly oldest?: number
}

/**
 * Messages that are to be sent, shared by all processes. A message that is taken comes back by itself at the time
 * that `take` names, unless its attempt ends before: so nothing is lost with a process.
 */
export interface OutboxStore {
  /**
   * Keeps a message, unless there was one of the same occasion before.
   * @returns false if `max` messages wait already
   */
  put(message: QueuedMessage, max: number, occasion?: string): Promise<boolean>
  /** Takes up to `count` messages that are due, for one worker; they are due again at `again`. */
  take(count: number, now: number, again: number): Promise<readonly TakenMessage[]>
  /** Forgets a message that was sent. @returns false if the attempt is over */
  remove(attempt: Attempt): Promise<boolean>
  /** Has a message tried again at that time. @returns false if the attempt is over */
  postpone(attempt: Attempt, at: number): Promise<boolean>
  /** Gives a message up: what it says is forgotten. @returns false if the attempt is over */
  bury(attempt: Attempt, reason: string, now: number): Promise<boolean>
  /** Newest first. */
  dead(limit: number): Promise<readonly DeadLetter[]>
  count(): Promise<OutboxCounts>
  /** Forgets up to `limit` messages that were given up at that time or before, and up to as many occasions. */
  sweep(before: Before, limit: number): Promise<void>
}
