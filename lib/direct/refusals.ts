import { CivicError } from '../errors.ts'
import { AnswerRefused } from './answer-refused.ts'

/** 429, with the seconds to wait. */
export class TooMany extends AnswerRefused {
  readonly retryAfter: number

  constructor(retryAfter: number) {
    super(429, 'TOO_MANY', 'Too many logins are started: try again later')
    this.retryAfter = retryAfter
  }
}

export const unknown = (): AnswerRefused => new AnswerRefused(404, 'NOT_FOUND', 'There is no such request')

/** What a wallet is told of a request that has ended. */
export const over = (): AnswerRefused => new AnswerRefused(410, 'OVER', 'The request is over')

export const answered = (message = 'Another wallet answered this request'): AnswerRefused =>
  new AnswerRefused(409, 'ANSWERED', message)

/** What a browser is told of a request that has ended. */
export const expired = (reason: 'over' | 'taken' | 'tries' = 'over'): CivicError =>
  new CivicError('CIVIC_REQUEST_EXPIRED', 'The request is over: start the login again', { reason })

type Wrong = 'missing' | 'mismatch'

export const wrongConfirm = (reason: Wrong): CivicError =>
  new CivicError('CIVIC_CONFIRM_WRONG', 'Type the 6 digits that your wallet shows', { reason })

export const wrongResponseCode = (reason: Wrong): CivicError =>
  new CivicError('CIVIC_RESPONSE_CODE', 'The response code is not that of this login', { reason })
