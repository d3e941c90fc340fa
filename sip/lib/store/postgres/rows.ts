import type { Queryable } from './database.ts'

/** Rows as objects, without members that are null. */
export async function rowsOf<T extends object>(
  database: Queryable,
  sql: string,
  values: readonly unknown[] = [],
): Promise<T[]> {
  const { rows } = await database.query<Record<string, unknown>>(sql, [...values])
  return rows.map((row) => Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)) as T)
}

/** The first row. */
export async function rowOf<T extends object>(
  database: Queryable,
  sql: string,
  values: readonly unknown[] = [],
): Promise<T | undefined> {
  return (await rowsOf<T>(database, sql, values))[0]
}

/** @returns the number of changed rows */
export async function changed(
  database: Queryable,
  sql: string,
  values: readonly unknown[] = [],
): Promise<number> {
  return (await database.query(sql, [...values])).rowCount ?? 0
}

/** Rows for one statement of a sweep, few enough that other statements do not wait for it. */
export const BATCH = 500
