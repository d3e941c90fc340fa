import type { RequestData } from 'passport-civic-sip/direct'
import { InputError } from '../http/http.ts'
import { ScopeRequests, scopeLabels } from 'passport-civic-sip/user-data'

/** A scope request: its wire value, and the labels that the person shares. */
export interface Scope {
  readonly name: string
  readonly labels: readonly string[]
}

const WIRE_VALUES: readonly string[] = [...new Set<string>(Object.values(ScopeRequests))]

/** The scope requests every app may make; the others need approval (docs/protocol.md#scope-requests). */
export const DEFAULT_SCOPES: readonly string[] = [
  ScopeRequests.BASIC_SIGNUP,
  ScopeRequests.BASIC_LOGIN,
  ScopeRequests.ANONYMOUS_LOGIN,
]

/**
 * @param name CivicJS's name (`BASIC_SIGNUP`) or the wire value (`civicBasic`)
 * @returns the wire value
 * @throws InputError that lists the names
 */
export function wireValue(name: unknown): string {
  if (typeof name === 'string') {
    if (WIRE_VALUES.includes(name)) return name
    if (Object.hasOwn(ScopeRequests, name)) return ScopeRequests[name as keyof typeof ScopeRequests]
  }
  const names = Object.keys(ScopeRequests).join(', ')
  const shown = typeof name === 'string' ? JSON.stringify(name.slice(0, 60)) : 'this'
  throw new InputError(`${shown} is not a scope request: use one of ${names}`)
}

export function scopeOf(name: unknown): Scope {
  const wire = wireValue(name)
  return { name: wire, labels: labelsOf(wire) }
}

/**
 * Finds a scope request by labels: CivicJS sends a basic sign-up as labels, in `attributes`, instead of a name.
 * @returns the first scope request that covers all of them, narrowed to them
 */
export function scopeOfAttributes(attributes: readonly unknown[]): Scope {
  const wanted = new Set(attributes)
  const name = WIRE_VALUES.find((wire) => {
    const labels: readonly unknown[] = labelsOf(wire)
    return [...wanted].every((label) => labels.includes(label))
  })
  if (name === undefined || wanted.size === 0) {
    throw new InputError('attributes: no scope request returns exactly these labels')
  }
  return { name, labels: labelsOf(name).filter((label) => wanted.has(label)) }
}

/**
 * The labels to ask a wallet for (docs/wallet-protocol.md#w1). For a private login, proof of a verified person is
 * optional.
 */
export function attributesOf({
  name,
  labels,
}: Scope): Pick<RequestData, 'attributes' | 'optionalAttributes'> {
  const isPrivate = name === ScopeRequests.ANONYMOUS_LOGIN
  return isPrivate
    ? { attributes: [], optionalAttributes: labels }
    : { attributes: labels, optionalAttributes: [] }
}

function labelsOf(wire: string): readonly string[] {
  return scopeLabels(wire) ?? []
}
