import type { CivicErrorCode } from 'passport-civic-sip'

/** Status, what happened, and what to do next, in words for people. */
type Problem = readonly [status: number, title: string, advice: string]

const ofCivic = {
  CIVIC_TOKEN_MISSING: [400, 'Nothing came from Civic', 'Please start again from the button.'],
  CIVIC_TOKEN_MALFORMED: [
    400,
    'This response is not from Civic',
    'It may have been cut off. Please start again.',
  ],
  CIVIC_TOKEN_INVALID: [
    401,
    'We cannot trust this response',
    'Civic did not sign it for us. Please start again.',
  ],
  CIVIC_TOKEN_EXPIRED: [401, 'That took too long', 'An approval lasts half an hour. Please scan a new code.'],
  CIVIC_TOKEN_REPLAYED: [
    401,
    'This approval has been used',
    'Each logs you in once. Please scan a new code.',
  ],
  CIVIC_CROSS_ORIGIN: [
    403,
    'Another site tried to log you in',
    'We stopped it. Please start on our front page.',
  ],
  CIVIC_CODE_REJECTED: [
    401,
    'Civic refuses this approval',
    'It was used before, or has expired. Please scan a new code.',
  ],
  CIVIC_LINK_REFUSED: [403, 'You are not logged in', 'Log in to the account that you want to link this to.'],
  CIVIC_APP_REJECTED: [
    500,
    'Something is wrong on our side',
    'It is not your fault. Please come back later.',
  ],
  CIVIC_THROTTLED: [503, 'Many people are logging in', 'Please wait a minute, then try again.'],
  CIVIC_UNAVAILABLE: [502, 'Civic cannot be reached', 'It is not your fault. Please try again in a minute.'],
  CIVIC_TIMEOUT: [504, 'Civic took too long', 'It is not your fault. Please try again in a minute.'],
  CIVIC_BAD_ANSWER: [502, 'We cannot read Civic’s response', 'Nobody was logged in. Try again in a minute.'],
  CIVIC_STORE_UNAVAILABLE: [
    503,
    'We cannot check this login',
    'Nobody was logged in. Try again in a minute.',
  ],
  CIVIC_REQUEST_MISSING: [400, 'Nothing came from your wallet', 'Please start again from the button.'],
  CIVIC_REQUEST_UNBOUND: [403, 'Another browser started this', 'Please start again in this one.'],
  CIVIC_REQUEST_PENDING: [409, 'Your wallet has not responded yet', 'Approve the request there first.'],
  CIVIC_REQUEST_DENIED: [401, 'You declined this request', 'Start again if you want to log in.'],
  CIVIC_REQUEST_EXPIRED: [401, 'That took too long', 'Please start again from the button.'],
  CIVIC_CONFIRM_WRONG: [403, 'That is not the code in your wallet', 'Type the six digits it shows.'],
  CIVIC_RESPONSE_CODE: [403, 'Your wallet did not bring you here', 'Please start again from the button.'],
} as const satisfies Record<CivicErrorCode, Problem>

const ofOurs = {
  DATA_NOT_PROVED: [
    403,
    'Civic does not vouch for this data',
    'Some of it was revoked, or belongs to somebody else. Verify it again in the Civic app, then come back.',
  ],
  DATA_UNREADABLE: [
    422,
    'We cannot read this data',
    'Part of it is not text, so we stored nothing. Verify it again in the Civic app, then come back.',
  ],
  IDENTITY_TAKEN: [409, 'This identity has another account', 'Log in to that one and unlink it there first.'],
  IDENTITY_NOT_LINKED: [
    403,
    'This identity is not in your account',
    'Use one that is, or link this one first.',
  ],
  LAST_IDENTITY: [409, 'This is your last way in', 'Link another identity first, or delete the account.'],
  NOT_LOGGED_IN: [401, 'You are not logged in', 'Please log in on our front page.'],
  FOREIGN_REQUEST: [403, 'Another site tried to act for you', 'We stopped it. Nothing was changed.'],
  TOO_MANY_LOGINS: [429, 'Too many logins from your network', 'Please wait a minute, then try again.'],
  NOT_FOUND: [404, 'This page does not exist', 'Check the address.'],
  BAD_REQUEST: [400, 'We did not understand that', 'Your browser sent something that we cannot read.'],
  SITE_ERROR: [
    500,
    'Something went wrong on our side',
    'It is not your fault. Please try again in a minute.',
  ],
} as const satisfies Record<string, Problem>

export type ProblemCode = keyof typeof ofCivic | keyof typeof ofOurs

export const problems: Readonly<Record<ProblemCode, Problem>> = { ...ofCivic, ...ofOurs }

/** Thrown when the site itself refuses. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly code: ProblemCode

  constructor(code: ProblemCode) {
    super(problems[code][1])
    this.code = code
  }
}

export function isProblemCode(code: unknown): code is ProblemCode {
  return typeof code === 'string' && Object.hasOwn(problems, code)
}

/** The problem for an error of this site, the strategy or a body parser. */
export function problemCode(error: unknown): ProblemCode {
  const { code, status } = Object(error) as { code?: unknown; status?: unknown }
  if (isProblemCode(code)) return code
  return typeof status === 'number' && status >= 400 && status < 500 ? 'BAD_REQUEST' : 'SITE_ERROR'
}
