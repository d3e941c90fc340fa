/** Why a wallet's response, or its request, is refused, as an HTTP response. */
export class AnswerRefused extends Error {
  override readonly name = 'AnswerRefused'
  readonly status: number
  readonly code: string

  /**
   * @param status HTTP status of the response
   * @param code a word for programs
   */
  constructor(status: number, code: string, message: string) {
    super(message)
    this.status = status
    this.code = code
  }
}

/** The same for every response that cannot be read, so that it reveals nothing. */
export function unreadable(): AnswerRefused {
  return new AnswerRefused(
    400,
    'UNREADABLE',
    'The response cannot be read: it is not encrypted for this request',
  )
}
