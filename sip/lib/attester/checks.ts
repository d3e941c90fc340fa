import { attestationSet, Labels } from 'passport-civic-sip/user-data'
import type { AttestationSet } from 'passport-civic-sip/user-data'

/** How a claim is proved: by a code, by somebody who looks at the document, or not at all. */
export type Check = 'code' | 'review' | 'none'

/** What an attester has to check claims with. */
export interface Means {
  /** Whether what cannot be checked is not attested. Otherwise it is believed, as is good for test users. */
  readonly realPeople: boolean
  /** Whether codes reach email addresses. */
  readonly emails: boolean
  /** Whether codes reach phones. */
  readonly texts: boolean
  /** Whether somebody looks at documents. */
  readonly reviews: boolean
}

/** By label, its set and what it takes. */
export type Checks = Readonly<Record<string, { readonly set: AttestationSet; readonly check: Check }>>

/** @returns the labels that are attested; no others are */
export function checksFor(means: Means): Checks {
  return Object.fromEntries(
    Object.values(Labels).flatMap((label) => {
      const set = attestationSet(label)
      const check = set && (means.realPeople ? provedBy(label, set, means) : believedBy(label, set))
      return set && check ? [[label, { set, check }]] : []
    }),
  )
}

function provedBy(label: string, set: AttestationSet, { emails, texts, reviews }: Means): Check | undefined {
  if (label === Labels.EMAIL) return emails ? 'code' : undefined
  if (label === Labels.PHONE_NUMBER) return texts ? 'code' : undefined
  // Nothing but a document tells anything else about a person
  return reviews && set !== 'attCivicBasic' ? 'review' : undefined
}

function believedBy(label: string, set: AttestationSet): Check {
  if (label === Labels.EMAIL) return 'code'
  return set === 'attCivicIdentity' ? 'review' : 'none'
}
