import * as v from 'valibot'
import { InputError } from './http.ts'
import { isUnknownKey } from './schema.ts'

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
