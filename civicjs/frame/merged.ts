import { fieldsOf } from '../lib/messages.ts'

/** The fields of both in one object. Spread syntax would compile to functions that Internet Explorer 11 lacks. */
export function merged(one: object, other: object): Record<string, unknown> {
  const all: Record<string, unknown> = {}
  ;[one, other].forEach((object) =>
    Object.keys(object).forEach((name) => (all[name] = fieldsOf(object)[name])),
  )
  return all
}
