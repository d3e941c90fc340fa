import { Labels } from 'passport-civic-sip/user-data'

const names: Readonly<Record<string, string | undefined>> = {
  [Labels.EMAIL]: 'Email',
  [Labels.PHONE_NUMBER]: 'Phone',
  [Labels.IDENTITY_LEVEL]: 'Verified',
  [Labels.DOCUMENT_TYPE]: 'Document',
  [Labels.DOCUMENT_NUMBER]: 'Number',
  [Labels.DOCUMENT_NAME]: 'Name',
  [Labels.DOCUMENT_DATE_OF_BIRTH]: 'Date of birth',
  [Labels.DOCUMENT_DATE_OF_ISSUE]: 'Issued',
  [Labels.DOCUMENT_DATE_OF_EXPIRY]: 'Expires',
  [Labels.DOCUMENT_IMAGE]: 'Picture',
  [Labels.DOCUMENT_IMAGE_MD5]: 'Checksum',
  [Labels.DOCUMENT_COUNTRY]: 'Country',
  [Labels.ADDRESS_STREET]: 'Street',
  [Labels.ADDRESS_CITY]: 'City',
  [Labels.ADDRESS_POSTAL_CODE]: 'Postal code',
  [Labels.ADDRESS_COUNTRY]: 'Country',
}

/** @returns a label's name for people, such as `Email` for `contact.personal.email` */
export function labelName(label: string): string {
  return names[label] ?? label
}

const sets: Readonly<Record<string, string | undefined>> = {
  attCivicBasic: 'Email and phone number',
  attCivicIdentity: 'Identity document',
  attCivicResidence: 'Address',
}

/** @returns the name for people of a set of labels that are attested together, such as `attCivicBasic` */
export function setName(set: string): string {
  return sets[set] ?? set
}
