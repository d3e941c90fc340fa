/** @module passport-civic-sip/user-data */

import { providerOf } from './provider.ts'
import { Labels } from './scope-requests.ts'

export { ATTESTATION_SETS, attestationSet, Labels, scopeLabels, ScopeRequests } from './scope-requests.ts'
export type { AttestationSet, ScopeRequest, ScopeRequestName } from './scope-requests.ts'

/** One item of a person's data, as SIP sends it. */
export interface UserDataItem {
  readonly label: string
  /** Usually a string; numbers occur. */
  readonly value: unknown
  /** Not revoked: still valid on the blockchain. */
  readonly isValid: boolean
  /** The person has proved control of the key that this was attested to. */
  readonly isOwner: boolean
  readonly [more: string]: unknown
}

/**
 * A person's data: a frozen array of the items as SIP sent them, with lookups by label. Each item is a frozen
 * copy of the item's properties, so that nothing inherited can pass for `isValid`.
 *
 * @example
 * ```ts
 * import { UserData } from 'passport-civic-sip'
 *
 * const data = new UserData([
 *   { label: 'contact.personal.email', value: 'old@example.org', isValid: false, isOwner: true },
 *   { label: 'contact.personal.email', value: 'zoe@example.org', isValid: true, isOwner: true },
 *   { label: 'contact.personal.phoneNumber', value: '+1 555 0100', isValid: false, isOwner: true },
 * ])
 * console.log(data.labels) // ['contact.personal.email', 'contact.personal.phoneNumber']
 * console.log(data.value('contact.personal.email')) // 'zoe@example.org'
 * console.log(data.value('contact.personal.phoneNumber')) // undefined
 * console.log(data.get('contact.personal.phoneNumber')?.isValid) // false
 * console.log(data[0]?.value) // 'old@example.org'
 * ```
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

  /** Every label in the data, once each, in order. */
  get labels(): readonly string[] {
    return [...new Set(this.map((item) => item.label))]
  }

  /** The first item of this label that is valid and owned, else the first of this label, else undefined. */
  get(label: string): UserDataItem | undefined {
    const ofLabel = this.filter((item) => item.label === label)
    return ofLabel.find(isProved) ?? ofLabel[0]
  }

  /** The value of this label, if it is verified: `isValid` and `isOwner` exactly true. Otherwise undefined. */
  value(label: string): unknown {
    const item = this.get(label)
    return item && isProved(item) ? item.value : undefined
  }
}

/** Whether both of SIP's checks passed. The flags are `unknown` because SIP may send any type. */
function isProved(item: { isValid: unknown; isOwner: unknown }): boolean {
  return item.isValid === true && item.isOwner === true
}

/** Whether a value has a meaningful text. */
function isScalar(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number'
}

/** Passport's normalised profile (Portable Contacts), as other strategies return it. */
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
  /** Everything that SIP sent, including items that are not valid or not owned: check each item's flags. */
  _json: UserData
}

/**
 * Converts a person's data to Passport's profile. Its fields come only from valid and owned items: an app that
 * matches accounts by email must not get a revoked one.
 *
 * @example
 * ```ts
 * import { CivicStrategy, toProfile } from 'passport-civic-sip'
 *
 * passport.use(
 *   new CivicStrategy(options, (userId, scopeData) => {
 *     const { provider, id, emails } = toProfile(userId, scopeData)
 *     return accounts.findOrCreate({ provider, id, email: emails?.[0]?.value })
 *   }),
 * )
 * ```
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
