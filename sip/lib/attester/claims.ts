import { createHash } from 'node:crypto'
import { attestationSet, Labels } from 'passport-civic-sip/user-data'
import type { AttestationSet } from 'passport-civic-sip/user-data'
import { HttpError } from '../http/http.ts'
import { isObject } from '../is-object.ts'

/** The claims to attest together: label to value. */
export type Claims = Readonly<Record<string, string>>

const JPEG = Buffer.from([0xff, 0xd8])
/** The exact labels of each set that an attester can check. */
const KNOWN: ReadonlySet<string> = new Set(Object.values(Labels))
/** The only value of the level for a verified person. */
const IDENTITY_LEVEL = 'CIVIC:IAL1'
const DATE = /^\d{4}-\d{2}-\d{2}$/
const DATES = [Labels.DOCUMENT_DATE_OF_BIRTH, Labels.DOCUMENT_DATE_OF_ISSUE, Labels.DOCUMENT_DATE_OF_EXPIRY]

/** @throws HttpError 400 unless they are claims of that set, each a label with a text */
export function parseClaims(claims: unknown, set: AttestationSet): Claims {
  const entries = isObject(claims) ? Object.entries(claims) : []
  const isRight = (entry: [string, unknown]): entry is [string, string] => {
    const [label, value] = entry
    return KNOWN.has(label) && attestationSet(label) === set && typeof value === 'string' && isText(value)
  }
  if (entries.length === 0 || !entries.every(isRight)) {
    throw new HttpError(400, `claims: an object of labels that belong to ${set}, each with a text`)
  }
  return Object.fromEntries(entries)
}

function isText(value: string): boolean {
  return value !== '' && !/\p{Surrogate}/u.test(value)
}

/** Checks what the claims alone show. @throws HttpError 403 */
export function checkClaims(set: AttestationSet, claims: Claims, now: number): void {
  if (set === 'attCivicIdentity') checkIdentity(claims, now)
}

function checkIdentity(claims: Claims, now: number): void {
  const refuse = (message: string): HttpError => new HttpError(403, message)
  const level = claims[Labels.IDENTITY_LEVEL]
  if (level !== undefined && level !== IDENTITY_LEVEL)
    throw refuse(`${Labels.IDENTITY_LEVEL}: ${IDENTITY_LEVEL}`)
  for (const label of DATES) {
    const date = claims[label]
    if (date !== undefined && !(DATE.test(date) && Date.parse(date)))
      throw refuse(`${label}: a date, YYYY-MM-DD`)
  }
  const expiry = claims[Labels.DOCUMENT_DATE_OF_EXPIRY]
  if (expiry !== undefined && Date.parse(expiry) < now) throw refuse('the document is expired')
  const image = claims[Labels.DOCUMENT_IMAGE] ?? ''
  const bytes = Buffer.from(image, 'base64')
  if (bytes.toString('base64') !== image || !bytes.subarray(0, 2).equals(JPEG)) {
    throw refuse('the picture of the document is not a JPEG in base64')
  }
  if (claims[Labels.DOCUMENT_IMAGE_MD5] !== createHash('md5').update(bytes).digest('hex')) {
    throw refuse(`${Labels.DOCUMENT_IMAGE_MD5}: the MD5 of the picture`)
  }
}
