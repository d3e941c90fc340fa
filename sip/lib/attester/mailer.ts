/** A message to an email address. */
export interface Mail {
  readonly to: string
  readonly subject: string
  readonly text: string
  /** The same as HTML. */
  readonly html?: string
  /** When it is no longer useful, in milliseconds since the epoch. */
  readonly until?: number
  /** What it is for. Of several messages of one occasion, an outbox sends the first. */
  readonly occasion?: string
  /**
   * Whether an outbox stores it even if many messages wait, because it says what has happened. Default: false, for
   * messages that strangers can ask for.
   */
  readonly evenIfFull?: boolean
}

/** One plain address: nothing that a mail program could read as a list, a name or a comment. */
export const EMAIL_ADDRESS = /^[^\s@,;:<>()[\]"\\]{1,64}@[^\s@,;:<>()[\]"\\]{1,190}$/

/** A phone number in international form, with any separators. */
export const PHONE_NUMBER = /^\+[1-9](?:[ ().-]{0,2}\d){6,14}$/

/** Sends messages to people. `send` may return a promise. */
export interface Mailer {
  send(message: Mail): unknown
}

/** A text message to a phone. */
export interface TextMessage {
  /** A phone number, in international form: `+1 202 555 0143`. */
  readonly to: string
  readonly text: string
  /** As for `Mail`. */
  readonly until?: number
}

/** Sends text messages to phones. `send` may return a promise. */
export interface Texter {
  send(message: TextMessage): unknown
}
