/** The channel of a message. */
export type Channel = 'email' | 'sms'

/** A message to send. Its text and its recipient are sealed. */
export interface QueuedMessage {
  readonly id: string
  readonly channel: Channel
  readonly sealed: string
  /** When it is no longer useful. All times are milliseconds since the epoch. */
  readonly until: number
  readonly createdAt: number
}

/** A message that a worker has taken. `attempt` is 1 the first time. An older attempt is void. */
export interface TakenMessage extends QueuedMessage {
  readonly attempt: number
}

/** Identifies one attempt. */
export type Attempt = Pick<TakenMessage, 'id' | 'attempt'>

/** A message that was given up, without its text and its recipient. */
export interface DeadLetter {
  readonly id: string
  readonly channel: Channel
  readonly attempts: number
  /** The reason, without personal data. */
  readonly reason: string
  readonly createdAt: number
  readonly diedAt: number
}

/** The times up to which something is deleted. */
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
 * Messages to send, shared by all processes. A taken message comes back at the time that `take` sets, unless its
 * attempt ends before, so that nothing is lost if a process dies.
 */
export interface OutboxStore {
  /**
   * Adds a message, unless one of the same occasion was added before.
   * @param max undefined: however many wait
   * @returns false if `max` messages wait already
   */
  put(message: QueuedMessage, max: number | undefined, occasion?: string): Promise<boolean>
  /** Takes up to `count` due messages for one worker. They are due again at `again`. */
  take(count: number, now: number, again: number): Promise<readonly TakenMessage[]>
  /** Deletes a sent message. @returns false if the attempt is void */
  remove(attempt: Attempt): Promise<boolean>
  /** Schedules a retry at that time. @returns false if the attempt is void */
  postpone(attempt: Attempt, at: number): Promise<boolean>
  /** Gives a message up and deletes its contents. @returns false if the attempt is void */
  bury(attempt: Attempt, reason: string, now: number): Promise<boolean>
  /** Newest first. */
  dead(limit: number): Promise<readonly DeadLetter[]>
  count(): Promise<OutboxCounts>
  /** Deletes up to `limit` messages that were given up at that time or before, and up to as many occasions. */
  sweep(before: Before, limit: number): Promise<void>
}
