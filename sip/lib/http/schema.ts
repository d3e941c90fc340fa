import * as v from 'valibot'
import { unknownOption } from '../known-options.ts'

/** An object with these fields. Other fields are dropped. */
export function fields<E extends v.ObjectEntries>(entries: E) {
  return v.object(entries, (issue) => describeKey(entries, issue))
}

/** An object with only these fields, for input that a person writes and may misspell. */
export function options<E extends v.ObjectEntries>(entries: E) {
  return v.strictObject(entries, (issue) => describeKey(entries, issue))
}

/** A readonly array. */
export function listOf<const S extends v.GenericSchema>(item: S, message?: string) {
  return v.pipe(message === undefined ? v.array(item) : v.array(item, message), v.readonly())
}

/** The message for a key that is unknown or missing. */
function describeKey(entries: v.ObjectEntries, issue: v.BaseIssue<unknown>): string {
  const key = issue.path?.at(-1)?.key
  if (typeof key !== 'string') return 'an object is expected'
  if (isUnknownKey(issue)) return unknownOption({ [key]: true }, Object.keys(entries)) ?? ''
  const entry = entries[key]
  const missing = entry && v.safeParse(entry, undefined)
  return missing?.issues?.[0].message ?? 'is missing'
}

/** Whether the issue is an unknown key. */
export function isUnknownKey({ type, expected }: v.BaseIssue<unknown>): boolean {
  return type === 'strict_object' && expected === 'never'
}
