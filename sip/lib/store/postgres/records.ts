import type { Sealer } from '../../secrets/sealing.ts'
import type { Patch } from '../stores.ts'

/** A row of a table that has a `doc` and `sealed` (migrations/0002-apps.sql). */
export interface Row {
  readonly doc: object
  readonly sealed: Readonly<Record<string, string>>
}

/** The parameters of an update: `(doc || $doc) - $gone`, `(sealed || $sealed) - $gone`. */
export interface Changes {
  /** JSON. */
  readonly doc: string
  /** JSON. */
  readonly sealed: string
  readonly gone: readonly string[]
}

/** Converts objects to a table's columns and back. The named fields are sealed one by one. */
export class Records<T extends object> {
  readonly #sealer: Sealer
  readonly #table: string
  readonly #secret: readonly (keyof T)[]

  constructor(sealer: Sealer, table: string, secret: readonly (keyof T)[]) {
    this.#sealer = sealer
    this.#table = table
    this.#secret = secret
  }

  /** @param row the primary key as text */
  split(row: string, value: Patch<T>): Changes {
    const fields = Object.entries(value)
    const isSecret = ([name]: [string, unknown]): boolean => this.#secret.includes(name as keyof T)
    const there = fields.filter(([, field]) => field !== undefined)
    const sealed = there
      .filter(isSecret)
      .map(([name, field]) => [name, this.#sealer.seal(this.#place(row, name), JSON.stringify(field))])
    return {
      doc: json(Object.fromEntries(there.filter((entry) => !isSecret(entry)))),
      sealed: json(Object.fromEntries(sealed)),
      gone: fields.filter(([, field]) => field === undefined).map(([name]) => name),
    }
  }

  /** @throws SealError */
  join(row: string, { doc, sealed }: Row): T {
    const opened = Object.entries(sealed).map(([name, text]) => [
      name,
      JSON.parse(this.#sealer.open(this.#place(row, name), text)) as unknown,
    ])
    return { ...doc, ...Object.fromEntries(opened) } as T
  }

  #place(row: string, name: string): { table: string; row: string; column: string } {
    return placeOf(this.#table, row, name)
  }
}

/** The place of a field in the column `sealed`. */
export function placeOf(
  table: string,
  row: string,
  name: string,
): { table: string; row: string; column: string } {
  return { table, row, column: `sealed.${name}` }
}

/** JSON for a `jsonb` column. U+FFFD replaces NUL and lone surrogates, which it cannot store. */
export function json(value: unknown): string {
  return JSON.stringify(value, (_name, field: unknown) =>
    typeof field === 'string' ? field.replace(/\0|\p{Surrogate}/gu, '\ufffd') : field,
  )
}
