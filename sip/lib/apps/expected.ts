import * as v from 'valibot'

/** What an app's fields must be, for error messages. */
export const EXPECTED = {
  name: 'a text of 1 to 80 characters, without invisible ones',
  whitelist: 'an array of origins and host names',
  scopes: 'an array of scope request names',
  switch: 'true or false',
  logo: 'a PNG or JPEG as a data: URI of at most 16 KiB',
  returnPaths: 'an array of paths, such as /login, without query and fragment',
  pubKey: 'an uncompressed P-256 point, 130 hex digits',
} as const

/** Partners have live and test applications, each with its own ids and keys (Civic's documentation, "Environments"). */
export const Environment = v.picklist(['live', 'test'], "'live' or 'test'")
export type Environment = v.InferOutput<typeof Environment>
