import pg from 'pg'
import { sha256 } from '../../sha256.ts'

/** Statement to its name. The texts of statements are constants, so there are few. */
const NAMES = new Map<string, string>()

/**
 * Prepares each statement with parameters: PostgreSQL then parses and plans it once for each connection, and not at
 * each call, which took longer than the statement itself.
 */
export class PreparingClient extends pg.Client {
  /** As `pg.Client`. `never` is assignable to every overload. */
  override query(...args: never[]): never {
    const [text, values, ...rest] = args as readonly unknown[]
    const isPlain = typeof text === 'string' && Array.isArray(values)
    const given = isPlain ? [{ name: nameOf(text), text, values: values as unknown[] }, ...rest] : args
    return (super.query as (...given: readonly unknown[]) => never).apply(this, given)
  }
}

function nameOf(text: string): string {
  const known = NAMES.get(text)
  if (known !== undefined) return known
  const name = sha256(text).toString('hex').slice(0, 32)
  NAMES.set(text, name)
  return name
}
