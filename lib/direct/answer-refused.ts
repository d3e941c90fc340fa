/** Why a wallet's answer, or its request, is refused: the HTTP response that says so. */
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

/** One and the same for every answer that cannot be read, so that it tells nothing. */
export function unreadable(): AnswerRefused {
  return new AnswerRefused(
    400,
    'UNREADABLE',
    'The answer cannot be read: it is not encrypted for this request',
  )
}
