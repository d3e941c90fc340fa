import * as v from 'valibot'
import { InputError } from './http.ts'
import { isUnknownKey } from './schema.ts'

/**
 * A schema from a parse function.
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
 * Reads input from outside.
 *
 * @returns the schema's output
 * @throws InputError that names a wrong field and says what it should be. An unknown field comes first, because it is
 *   often a misspelt one
 */
export function read<const S extends v.GenericSchema>(schema: S, input: unknown): v.InferOutput<S> {
  const result = v.safeParse(schema, input)
  if (result.success) return result.output
  const issue = result.issues.find(isUnknownKey) ?? result.issues[0]
  const path = v.getDotPath(issue)
  const isNamed = path === null || isUnknownKey(issue) || issue.type === 'raw_transform'
  throw new InputError(isNamed ? issue.message : `${path}: ${issue.message}`)
}
