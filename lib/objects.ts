/** Any object, including arrays and instances of classes. */
export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

/** Whether it is an object with these methods, own or inherited. */
export function hasMethods(value: unknown, ...names: readonly string[]): boolean {
  return isObject(value) && names.every((name) => typeof Reflect.get(value, name) === 'function')
}

/** An object as JSON.parse makes it: not an array, not null. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
