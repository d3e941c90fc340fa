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

export function unknown(): AnswerRefused {
  return new AnswerRefused(404, 'NOT_FOUND', 'This request does not exist')
}

/** The refusal for a wallet whose request has ended. */
export function over(): AnswerRefused {
  return new AnswerRefused(410, 'OVER', 'The request has ended')
}

export function answered(message = 'Another wallet answered this request'): AnswerRefused {
  return new AnswerRefused(409, 'ANSWERED', message)
}

/** The error for a browser whose request has ended. */
export function expired(reason: 'over' | 'taken' | 'tries' = 'over'): CivicError {
  return new CivicError('CIVIC_REQUEST_EXPIRED', 'The request has ended: start the login again', { reason })
}

type Wrong = 'missing' | 'mismatch'

export function wrongConfirm(reason: Wrong): CivicError {
  return new CivicError('CIVIC_CONFIRM_WRONG', 'Type the 6 digits that your wallet shows', { reason })
}

export function wrongResponseCode(reason: Wrong): CivicError {
  return new CivicError('CIVIC_RESPONSE_CODE', 'The response code does not belong to this login', { reason })
}
