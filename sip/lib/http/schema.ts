import * as v from 'valibot'
import { unknownOption } from '../known-options.ts'

/** An object that may have more fields than these, which are left out. */
export function fields<E extends v.ObjectEntries>(entries: E) {
  return v.object(entries, (issue) => describeKey(entries, issue))
}

/** An object that has these fields and no others: what a person writes, and may misspell. */
export function options<E extends v.ObjectEntries>(entries: E) {
  return v.strictObject(entries, (issue) => describeKey(entries, issue))
}

/** An array that nobody changes. */
export function listOf<const S extends v.GenericSchema>(item: S, message?: string) {
  return v.pipe(message === undefined ? v.array(item) : v.array(item, message), v.readonly())
}

/** What is wrong with a key of an object: nothing has that name, or it is missing. */
function describeKey(entries: v.ObjectEntries, issue: v.BaseIssue<unknown>): string {
  const key = issue.path?.at(-1)?.key
  if (typeof key !== 'string') return 'an object is expected'
  if (isUnknownKey(issue)) return unknownOption({ [key]: true }, Object.keys(entries)) ?? ''
  const entry = entries[key]
  const missing = entry && v.safeParse(entry, undefined)
  return missing?.issues?.[0].message ?? 'is missing'
}

/** Whether an object has a key that means nothing. */
export function isUnknownKey({ type, expected }: v.BaseIssue<unknown>): boolean {
  return type === 'strict_object' && expected === 'never'
}
