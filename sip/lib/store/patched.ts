import type { Patch } from './stores.ts'

/** @returns a copy with the patch over it, without the fields that the patch takes away */
export function patched<T extends object>(value: T, patch: Patch<T>): T {
  const fields = Object.entries({ ...value, ...patch }).filter(([, field]) => field !== undefined)
  return Object.fromEntries(fields) as T
}
