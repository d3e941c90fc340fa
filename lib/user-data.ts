/** @module passport-civic-sip/user-data */

import { providerOf } from './provider.ts'

export { ATTESTATION_SETS, attestationSet, type AttestationSet } from './attestation-sets.ts'

/** What a site can ask for: CivicJS's names and their wire values (sip-protocol section 5). */
export const ScopeRequests = Object.freeze({
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
export const Labels = Object.freeze({
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

function valuesOf(prefix: string): readonly string[] {
  return Object.values(Labels).filter((label) => label.startsWith(prefix))
}

const CONTACT = valuesOf('contact.')
const DOCUMENT = valuesOf('documents.genericId.')
const IDENTITY = [Labels.IDENTITY_LEVEL, ...DOCUMENT, ...CONTACT]

// Civic published no labels for the last four and for the address: these are ours
const LABELS: Readonly<Record<ScopeRequest, readonly string[]>> = {
  civicBasic: CONTACT,
  Login: CONTACT,
  Anonymous_Login: [Labels.IDENTITY_LEVEL],
  proofOfIdentity: IDENTITY,
  proofOfAge: [Labels.DOCUMENT_DATE_OF_BIRTH],
  proofOfResidence: [...IDENTITY, ...valuesOf('documents.address.')],
  Legal: DOCUMENT,
  id_verification: DOCUMENT,
  passport: DOCUMENT,
  driversLicense: DOCUMENT,
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

/** One item of a person's data, as SIP sends it. */
export interface UserDataItem {
  readonly label: string
  /** A string as a rule; numbers occur. */
  readonly value: unknown
  /** Not revoked: still valid on the blockchain. */
  readonly isValid: boolean
  /** The person proved control of the key that this was attested to. */
  readonly isOwner: boolean
  readonly [more: string]: unknown
}

/**
 * A person's data: a frozen array of the items as SIP sent them, with look-ups by label. Each item is a frozen
 * copy of its own properties, so that nothing inherited can pass for `isValid`.
 */
export class UserData extends Array<UserDataItem> {
  /** `map`, `filter` and the like give plain arrays. */
  static override get [Symbol.species](): ArrayConstructor {
    return Array
  }

  constructor(items: Iterable<object> = []) {
    super()
    for (const item of items) this.push(Object.freeze({ ...item }) as UserDataItem)
    Object.freeze(this)
  }

  /** Every label that is there, once each, in order. */
  get labels(): readonly string[] {
    return [...new Set(this.map((item) => item.label))]
  }

  /** The first item of this label that is valid and owned, else the first of this label, else undefined. */
  get(label: string): UserDataItem | undefined {
    const ofLabel = this.filter((item) => item.label === label)
    return ofLabel.find(isProved) ?? ofLabel[0]
  }

  /** The value of this label, if SIP proved it: `isValid` and `isOwner` exactly true. Otherwise undefined. */
  value(label: string): unknown {
    const item = this.get(label)
    return item && isProved(item) ? item.value : undefined
  }
}

/** Whether both of SIP's checks passed; unknown, since the flags' type is a promise of SIP's and no fact. */
function isProved(item: { isValid: unknown; isOwner: unknown }): boolean {
  return item.isValid === true && item.isOwner === true
}

/** A string as a rule; numbers occur. No other value has a text that could stand for a person's datum. */
function isScalar(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number'
}

/** Passport's normalised profile (Portable Contacts), as other strategies' apps know it. */
export interface Profile {
  /** The name of the strategy that verified the person; `civic` for a client alone. */
  provider: string
  id: string
  displayName?: string
  name?: { formatted: string }
  emails?: { value: string }[]
  phoneNumbers?: { value: string }[]
  /** `YYYY-MM-DD`. */
  birthday?: string
  /** All that SIP sent, also what is not valid or not owned: look at each item's flags. */
  _json: UserData
}

/**
 * Shapes a person's data as Passport's profile. Its fields come from valid and owned items alone: an app that
 * matches accounts by e-mail must not be fed a revoked one.
 */
export function toProfile(userId: string, scopeData: UserData): Profile {
  const values = (label: string): string[] =>
    scopeData.flatMap((item) =>
      item.label === label && isProved(item) && isScalar(item.value) ? String(item.value) : [],
    )
  const contacts = (label: string): { value: string }[] => values(label).map((value) => ({ value }))
  const emails = contacts(Labels.EMAIL)
  const phoneNumbers = contacts(Labels.PHONE_NUMBER)
  const [name] = values(Labels.DOCUMENT_NAME)
  const [birthday] = values(Labels.DOCUMENT_DATE_OF_BIRTH)
  return {
    provider: providerOf(scopeData),
    id: userId,
    ...(name !== undefined && { displayName: name, name: { formatted: name } }),
    ...(emails.length > 0 && { emails }),
    ...(phoneNumbers.length > 0 && { phoneNumbers }),
    ...(birthday !== undefined && { birthday }),
    _json: scopeData,
  }
}
