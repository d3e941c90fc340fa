/** An error, for a log. */
export interface DescribedError {
  readonly type: string
  readonly code?: string
  /** Only if the message is known to contain no input. */
  readonly message?: string
  /** The stack: functions and lines. */
  readonly at: readonly string[]
  readonly cause?: DescribedError
}

const MAX_FRAMES = 8
const MAX_CAUSES = 3
/**
 * PostgreSQL's error classes for connections, resources, operators, the system and statements. The others, such as 22
 * and 23, quote values.
 */
const SAFE_SQL = /^(?:08|25|40|42|53|55|57|58)/

/**
 * Describes an error for a log without secrets and personal data. Parsers quote their input, mail servers the refused
 * address, databases the row: for those, type, code and stack must be enough.
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

/** One line, for a terminal or `/health/ready`. */
export function shortly(error: unknown): string {
  const { type, code, message, cause } = describeError(error)
  const own = message ?? (code === undefined ? type : `${type} ${code}`)
  return cause === undefined ? own : `${own} (${cause.message ?? cause.code ?? cause.type})`
}

/** Writes a failure to standard error, for a program without a log. */
export function logFailure(error: unknown): void {
  console.error(JSON.stringify(describeError(error), undefined, 2))
}

/** The names of this project's errors whose messages contain no input. */
const OWN = [
  'AttestationError',
  'ConfigError',
  'FileInUse',
  'HttpError',
  'LedgerUnavailable',
  'PortInUse',
  'RecoveryError',
  'Refused',
  'RotationError',
  'SealError',
  'SendingFailed',
  'SignerUnavailable',
]

/** @returns undefined if the message may contain input */
export function safeMessage(error: Error): string | undefined {
  const { code, syscall, severity } = error as NodeJS.ErrnoException & { severity?: unknown }
  const isSql = typeof severity === 'string' && SAFE_SQL.test(code ?? '')
  return OWN.includes(error.name) || isSql || typeof syscall === 'string' ? error.message : undefined
}

/** The lines below the message, which itself can have several lines. */
function framesOf({ stack = '' }: Error): string[] {
  return [...stack.matchAll(/^ {4}at (.*)$/gm)].slice(0, MAX_FRAMES).map(([, place = '']) => place)
}
