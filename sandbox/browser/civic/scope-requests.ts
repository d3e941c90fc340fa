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

/** How the request is put to Civic: the basic one by its labels, every other by its name. */
export function scopeOf(scopeRequest: string): { verificationLevel?: string; attributes?: string[] } {
  const known: Readonly<Record<string, string>> = ScopeRequests
  const wire = Object.prototype.hasOwnProperty.call(known, scopeRequest) ? known[scopeRequest] : scopeRequest
  return wire === 'civicBasic'
    ? { attributes: ['contact.personal.email', 'contact.personal.phoneNumber'] }
    : { verificationLevel: wire ?? scopeRequest }
}
