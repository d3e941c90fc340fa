import { ScopeRequests } from 'passport-civic-sip/user-data'
import { fieldsOf, textOf } from './messages.ts'

/** How a scope request is put to Civic: by its name or, as the basic one always was, by its labels. */
export interface Scope {
  verificationLevel?: string
  attributes?: readonly string[]
}

/**
 * What the options of `signup` ask for: the labels `scopeRequests`, else the name `scopeRequest`, else the
 * basic data, as in Civic's library.
 */
export function scopeOf(options: unknown): Scope {
  const { scopeRequest, scopeRequests } = fieldsOf(options)
  if (Array.isArray(scopeRequests)) return { attributes: scopeRequests.map(textOf) }
  const wire = wireName(textOf(scopeRequest) || 'BASIC_SIGNUP')
  return wire === ScopeRequests.BASIC_SIGNUP
    ? { attributes: ['contact.personal.email', 'contact.personal.phoneNumber'] }
    : { verificationLevel: wire }
}

/** What goes over the wire for a scope request by its name; any other text as it is. */
export function wireName(name: string): string {
  const known: Readonly<Record<string, string>> = ScopeRequests
  return (Object.prototype.hasOwnProperty.call(known, name) ? known[name] : undefined) ?? name
}
