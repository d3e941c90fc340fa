/** Any object, an array or a class's included. */
export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

/** Whether it is an object that has these methods, its own or inherited. */
export function hasMethods(value: unknown, ...names: readonly string[]): boolean {
  return isObject(value) && names.every((name) => typeof Reflect.get(value, name) === 'function')
}

/** An object as JSON.parse makes them: no array, no null. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
