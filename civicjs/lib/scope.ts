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
  const name = textOf(scopeRequest) || 'BASIC_SIGNUP'
  const known: Readonly<Record<string, string>> = ScopeRequests
  const wire = Object.prototype.hasOwnProperty.call(known, name) ? known[name] : name
  return wire === ScopeRequests.BASIC_SIGNUP
    ? { attributes: ['contact.personal.email', 'contact.personal.phoneNumber'] }
    : { verificationLevel: wire ?? name }
}
