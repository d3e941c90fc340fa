import { isAscii, isUtf8 } from 'node:buffer'
import { isPlainObject } from './objects.ts'

/**
 * Decodes UTF-8. ASCII, as in most tokens and documents, is only copied, which is many times as fast.
 *
 * @returns undefined if the bytes are not UTF-8
 */
export function textOf(bytes: Buffer): string | undefined {
  if (isAscii(bytes)) return bytes.toString('latin1')
  return isUtf8(bytes) ? bytes.toString() : undefined
}

/** A JSON object, and the text that it was parsed from. */
export interface Parsed {
  readonly text: string
  readonly object: Record<string, unknown>
}

/**
 * Parses one JSON object and nothing else: no byte order mark, no array.
 *
 * @returns undefined for anything else, and for no text
 */
export function parseJsonObject(text: string | undefined): Parsed | undefined {
  if (text === undefined) return undefined
  try {
    const object: unknown = JSON.parse(text)
    return isPlainObject(object) ? { text, object } : undefined
  } catch {
    return undefined
  }
}

/**
 * Whether an object has a member twice. RFC 7519 section 4 lets a parser refuse that, since two parsers could read such
 * a token differently.
 */
export function hasDuplicates({ text, object }: Parsed): boolean {
  return members(text) !== parsedMembers(object)
}

const SPACE = 0x20

/** Counts the members in a JSON text: its strings that a colon follows. */
function members(text: string): number {
  let count = 0
  for (let open = text.indexOf('"'); open !== -1;) {
    let close = text.indexOf('"', open + 1)
    while (isEscaped(text, close)) close = text.indexOf('"', close + 1)
    let next = close + 1
    while (text.charCodeAt(next) <= SPACE) next++
    if (text[next] === ':') count++
    open = text.indexOf('"', next)
  }
  return count
}

function isEscaped(text: string, quote: number): boolean {
  let backslashes = 0
  while (text[quote - 1 - backslashes] === '\\') backslashes++
  return backslashes % 2 === 1
}

/** Counts the members that parsing kept. A loop, because nesting may be deeper than the stack. */
function parsedMembers(root: object): number {
  let count = 0
  const todo: object[] = [root]
  for (let at = todo.pop(); at; at = todo.pop()) {
    const values: unknown[] = Array.isArray(at) ? at : Object.values(at)
    if (values !== at) count += values.length
    for (const value of values) if (typeof value === 'object' && value !== null) todo.push(value)
  }
  return count
}

/** Work that is left: text to write as it is, or a value. */
type Part = string | { readonly value: unknown }

/**
 * The canonical form that the request extension signs (docs/protocol.md#request-extension): keys sorted by UTF-16
 * code unit at every level, no white space.
 *
 * @param value what JSON.parse could have made
 */
export function canonicalJson(value: unknown): string {
  let text = ''
  // A stack instead of recursion: a body's nesting may be deeper than the engine's stack
  const todo: Part[] = [{ value }]
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    if (typeof next === 'string') text += next
    else if (Array.isArray(next.value)) pushArray(todo, next.value)
    else if (isPlainObject(next.value)) pushObject(todo, next.value)
    else text += JSON.stringify(next.value)
  }
  return text
}

/** Pushes an array's parts, the last one first. */
function pushArray(todo: Part[], values: readonly unknown[]): void {
  todo.push(']')
  for (let at = values.length - 1; at >= 0; at--) todo.push({ value: values[at] }, at > 0 ? ',' : '')
  todo.push('[')
}

/** Pushes an object's parts, the last one first. */
function pushObject(todo: Part[], members: Readonly<Record<string, unknown>>): void {
  const keys = Object.keys(members).sort()
  todo.push('}')
  for (let key = keys.pop(); key !== undefined; key = keys.pop())
    todo.push({ value: members[key] }, `${keys.length > 0 ? ',' : ''}${JSON.stringify(key)}:`)
  todo.push('{')
}
