/** What a log says of an error. */
export interface DescribedError {
  readonly type: string
  readonly code?: string
  /** Only where the message is known to hold nothing that the server was given. */
  readonly message?: string
  /** Where it was thrown: functions and lines. */
  readonly at: readonly string[]
  readonly cause?: DescribedError
}

const MAX_FRAMES = 8
const MAX_CAUSES = 3
/**
 * PostgreSQL's classes of errors that are about the connection, the resources, the operator, the system and the
 * statement. The others, such as 22 and 23, quote values.
 */
const SAFE_SQL = /^(?:08|25|40|42|53|55|57|58)/

/**
 * An error for a log, which holds no secret and no personal datum: a parser quotes what it could not parse, a mail
 * server the address that it refused, a database the row. Then type, code and place have to be enough.
 */
export function describeError(error: unknown, causes = MAX_CAUSES): DescribedError {
  if (!(error instanceof Error)) return { type: typeof error, at: [] }
  const { code, cause } = error as NodeJS.ErrnoException
  const message = safeMessage(error)
  return {
    type: error.name,
    ...(typeof code === 'string' && { code }),
    ...(message !== undefined && { message }),
    at: framesOf(error),
    ...(cause instanceof Error && causes > 0 && { cause: describeError(cause, causes - 1) }),
  }
}

/** One line of it, for a person at a terminal, or `/health/ready`. */
export function shortly(error: unknown): string {
  const { type, code, message, cause } = describeError(error)
  const own = message ?? (code === undefined ? type : `${type} ${code}`)
  return cause === undefined ? own : `${own} (${cause.message ?? cause.code ?? cause.type})`
}

/** Writes a failure to the standard error, for a program that has no log. */
export function logFailure(error: unknown): void {
  console.error(JSON.stringify(describeError(error), undefined, 2))
}

/** Errors of this project's packages, by name, whose messages name nothing that the server was given. */
const OWN = [
  'AttestationError',
  'ConfigError',
  'FileInUse',
  'HttpError',
  'LedgerUnavailable',
  'PortInUse',
  'Refused',
  'RotationError',
  'SealError',
  'SendingFailed',
  'SignerUnavailable',
]

/** @returns undefined where the message may hold what the server was given */
export function safeMessage(error: Error): string | undefined {
  const { code, syscall, severity } = error as NodeJS.ErrnoException & { severity?: unknown }
  const isSql = typeof severity === 'string' && SAFE_SQL.test(code ?? '')
  return OWN.includes(error.name) || isSql || typeof syscall === 'string' ? error.message : undefined
}

/** The lines below the message, which can have lines itself. */
function framesOf({ stack = '' }: Error): string[] {
  return [...stack.matchAll(/^ {4}at (.*)$/gm)].slice(0, MAX_FRAMES).map(([, place = '']) => place)
}
