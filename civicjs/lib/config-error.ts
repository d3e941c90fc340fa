/** The constructor's error: `code`, and sometimes a sentence for the developer. */
export function configError(code: string, explanation?: string): Error {
  const error = new Error(explanation === undefined ? code : `${code}: ${explanation}`)
  error.name = 'CivicError'
  return error
}
