import * as v from 'valibot'
import { unknownOption } from '../known-options.ts'
import { InputError } from './http.ts'

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

/**
 * What a function makes of a value.
 * @param parse throws an InputError that names the field
 */
export function parsedBy<T>(parse: (value: unknown) => T) {
  return v.pipe(
    v.unknown(),
    v.rawTransform<unknown, T>(({ dataset, addIssue, NEVER }) => {
      try {
        return parse(dataset.value)
      } catch (error) {
        if (!(error instanceof InputError)) throw error
        addIssue({ message: error.message })
        return NEVER
      }
    }),
  )
}

/**
 * Reads what came from outside.
 *
 * @returns what the schema makes of it
 * @throws InputError that names a wrong field and says what it should be; first of all a field that has no meaning,
 *   since that is another one misspelt
 */
export function read<const S extends v.GenericSchema>(schema: S, input: unknown): v.InferOutput<S> {
  const result = v.safeParse(schema, input)
  if (result.success) return result.output
  const issue = result.issues.find(isUnknownKey) ?? result.issues[0]
  const path = v.getDotPath(issue)
  const isNamed = path === null || isUnknownKey(issue) || issue.type === 'raw_transform'
  throw new InputError(isNamed ? issue.message : `${path}: ${issue.message}`)
}

/** What is wrong with a key of an object: nothing has that name, or it is missing. */
function describeKey(entries: v.ObjectEntries, issue: v.BaseIssue<unknown>): string {
  const key = issue.path?.at(-1)?.key
  if (typeof key !== 'string') return 'an object is expected'
  if (isUnknownKey(issue)) return unknownOption({ [key]: true }, Object.keys(entries)) ?? ''
  const entry = entries[key]
  const missing = entry && v.safeParse(entry as v.GenericSchema, undefined)
  return missing?.issues?.[0].message ?? 'is missing'
}

function isUnknownKey({ type, expected }: v.BaseIssue<unknown>): boolean {
  return type === 'strict_object' && expected === 'never'
}
