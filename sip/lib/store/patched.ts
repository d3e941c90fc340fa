import type { Patch } from './stores.ts'

/** @returns a patched copy. A field that is undefined in the patch is removed */
export function patched<T extends object>(value: T, patch: Patch<T>): T {
  const fields = Object.entries({ ...value, ...patch }).filter(([, field]) => field !== undefined)
  return Object.fromEntries(fields) as T
}
