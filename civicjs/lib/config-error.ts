/** What the constructor throws: `code`, with a sentence for the developer where one helps. */
export function configError(code: string, explanation?: string): Error {
  const error = new Error(explanation === undefined ? code : `${code}: ${explanation}`)
  error.name = 'CivicError'
  return error
}
