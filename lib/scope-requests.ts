/** What a site can ask for: CivicJS's names and their wire values (docs/protocol.md#scope-requests). */
export const ScopeRequests = /* @__PURE__ */ Object.freeze({
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
} as const)

export type ScopeRequestName = keyof typeof ScopeRequests
export type ScopeRequest = (typeof ScopeRequests)[ScopeRequestName]

/** The labels of the items that SIP returns. */
export const Labels = /* @__PURE__ */ Object.freeze({
  EMAIL: 'contact.personal.email',
  PHONE_NUMBER: 'contact.personal.phoneNumber',
  IDENTITY_LEVEL: 'verifications.levels.CIVIC:IAL1',
  DOCUMENT_TYPE: 'documents.genericId.type',
  DOCUMENT_NUMBER: 'documents.genericId.number',
  DOCUMENT_NAME: 'documents.genericId.name',
  DOCUMENT_DATE_OF_BIRTH: 'documents.genericId.dateOfBirth',
  DOCUMENT_DATE_OF_ISSUE: 'documents.genericId.dateOfIssue',
  DOCUMENT_DATE_OF_EXPIRY: 'documents.genericId.dateOfExpiry',
  DOCUMENT_IMAGE: 'documents.genericId.image',
  DOCUMENT_IMAGE_MD5: 'documents.genericId.image_md5',
  DOCUMENT_COUNTRY: 'documents.genericId.country',
  ADDRESS_STREET: 'documents.address.street',
  ADDRESS_CITY: 'documents.address.city',
  ADDRESS_POSTAL_CODE: 'documents.address.postalCode',
  ADDRESS_COUNTRY: 'documents.address.country',
} as const)

type LabelsByScopeRequest = Readonly<Record<ScopeRequest, readonly string[]>>

// In a function, so that a bundler drops it from a bundle that uses only the names
const LABELS: LabelsByScopeRequest = /* @__PURE__ */ labelsByScopeRequest()

function labelsByScopeRequest(): LabelsByScopeRequest {
  const labels = Object.values(Labels)
  const contact = labels.filter((label) => label.startsWith('contact.'))
  const document = labels.filter((label) => label.startsWith('documents.genericId.'))
  const address = labels.filter((label) => label.startsWith('documents.address.'))
  const identity = [Labels.IDENTITY_LEVEL, ...document, ...contact]
  // Civic published no labels for the last four and for the address. This project defined these
  return {
    civicBasic: contact,
    Login: contact,
    Anonymous_Login: [Labels.IDENTITY_LEVEL],
    proofOfIdentity: identity,
    proofOfAge: [Labels.DOCUMENT_DATE_OF_BIRTH],
    proofOfResidence: [...identity, ...address],
    Legal: document,
    id_verification: document,
    passport: document,
    driversLicense: document,
  }
}

/**
 * The labels that a scope request returns.
 *
 * @param scopeRequest a wire value, such as `civicBasic`, or a name, such as `BASIC_SIGNUP`
 * @returns undefined for a scope request that Civic did not have
 */
export function scopeLabels(scopeRequest: string): readonly string[] | undefined {
  const wire = Object.hasOwn(ScopeRequests, scopeRequest)
    ? ScopeRequests[scopeRequest as ScopeRequestName]
    : scopeRequest
  return Object.hasOwn(LABELS, wire) ? LABELS[wire as ScopeRequest] : undefined
}

/** The names of the sets that are attested together, each in one tree, in the order of a wallet's subject keys. */
export const ATTESTATION_SETS = /* @__PURE__ */ Object.freeze([
  'attCivicBasic',
  'attCivicIdentity',
  'attCivicResidence',
] as const)

export type AttestationSet = (typeof ATTESTATION_SETS)[number]

const PREFIXES: readonly (readonly [prefix: string, set: AttestationSet])[] = [
  ['contact.', 'attCivicBasic'],
  ['verifications.', 'attCivicIdentity'],
  ['documents.genericId.', 'attCivicIdentity'],
  ['documents.address.', 'attCivicResidence'],
]

/**
 * The set that a label is attested in.
 *
 * @returns undefined for a label that is in no set
 */
export function attestationSet(label: string): AttestationSet | undefined {
  return PREFIXES.find(([prefix]) => label.startsWith(prefix))?.[1]
}
