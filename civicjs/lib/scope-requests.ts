import { fieldsOf, textOf } from './messages.ts'

/** Scope requests by their names in CivicJS, with what goes over the wire (protocol section 5). */
export const ScopeRequests = {
  BASIC_SIGNUP: 'civicBasic',
  CIVIC_BASIC: 'civicBasic',
  BASIC_LOGIN: 'Login',
  ANONYMOUS_LOGIN: 'Anonymous_Login',
  PROOF_OF_IDENTITY: 'proofOfIdentity',
  PROOF_OF_AGE: 'proofOfAge',
  PROOF_OF_RESIDENCE: 'proofOfResidence',
  LEGAL: 'Legal',
  ID_VERIFICATION: 'id_verification',
  PASSPORT: 'passport',
  DRIVER_LICENSE: 'driversLicense',
} as const

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
