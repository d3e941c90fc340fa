import { unknownOption } from './known-options.ts'

/** @throws TypeError with this message unless the condition holds */
export function requireThat(condition: boolean, message: string): asserts condition {
  if (!condition) throw new TypeError(message)
}

/**
 * @param within the option that contains these options
 * @throws TypeError naming an unknown option, and the nearest known one
 */
export function requireKnown(options: object, known: readonly string[], within?: string): void {
  const problem = unknownOption(options, known)
  if (problem !== undefined) throw new TypeError(within === undefined ? problem : `${within}: ${problem}`)
}
