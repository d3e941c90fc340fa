import { isMap } from 'node:util/types'
import { hasMethods, isObject } from './objects.ts'

/** A `Headers` object (Fetch, section 5.1). */
export interface FetchHeaders {
  get(name: string): string | null
}

/**
 * Reads a header by its case-insensitive name (RFC 9110 section 5.1) from a plain object, a Fetch `Headers` or a Map.
 *
 * @returns undefined if the header is absent; an array if it occurs more than once
 * @throws TypeError for anything else: a header that cannot be read must not look like one that is absent
 */
export function readHeader(headers: unknown, name: string): string | readonly unknown[] | undefined {
  if (!isMap(headers) && hasMethods(headers, 'get')) {
    const value: unknown = (headers as FetchHeaders).get(name)
    if (value === null || value === undefined || typeof value === 'string') return value ?? undefined
    throw unreadable()
  }
  const values = entriesOf(headers)
    .filter(([key, value]) => String(key).toLowerCase() === name && value !== undefined)
    .map(([, value]) => value)
  const [value] = values
  return values.length === 0 || (values.length === 1 && typeof value === 'string')
    ? (value as string)
    : values
}

function entriesOf(headers: unknown): [unknown, unknown][] {
  if (isMap(headers)) return [...headers]
  if (isObject(headers) && isPlain(headers)) return Object.entries(headers)
  throw unreadable()
}

/** A plain object of any realm. An instance of a class may keep its headers anywhere. */
function isPlain(object: object): boolean {
  const prototype = Object.getPrototypeOf(object) as object | null
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

function unreadable(): TypeError {
  return new TypeError('req.headers must be an object of header names and values, or a Headers object')
}
