import { ScopeRequests } from 'passport-civic-sip/user-data'
import { fieldsOf, textOf } from './messages.ts'

/** A scope request in Civic's request: its name or, as for the basic one, its labels. */
export interface Scope {
  verificationLevel?: string
  attributes?: readonly string[]
}

/**
 * The scope in the options of `signup`: the labels `scopeRequests`, or the name `scopeRequest`, or the basic data, as
 * in Civic's library.
 */
export function scopeOf(options: unknown): Scope {
  const { scopeRequest, scopeRequests } = fieldsOf(options)
  if (Array.isArray(scopeRequests)) return { attributes: scopeRequests.map(textOf) }
  const wire = wireName(textOf(scopeRequest) || 'BASIC_SIGNUP')
  return wire === ScopeRequests.BASIC_SIGNUP
    ? { attributes: ['contact.personal.email', 'contact.personal.phoneNumber'] }
    : { verificationLevel: wire }
}

/** The wire value of a scope request's name; any other text unchanged. */
export function wireName(name: string): string {
  const known: Readonly<Record<string, string>> = ScopeRequests
  return (Object.prototype.hasOwnProperty.call(known, name) ? known[name] : undefined) ?? name
}
