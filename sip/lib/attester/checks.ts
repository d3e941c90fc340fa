import { attestationSet, Labels } from 'passport-civic-sip/user-data'
import type { AttestationSet } from 'passport-civic-sip/user-data'

/** How a claim is proved: by a code, by a review of the document, or not at all. */
export type Check = 'code' | 'review' | 'none'

/** An attester's means to check claims. */
export interface Means {
  /** Whether claims that cannot be checked are refused. Otherwise they are believed, which is for test users. */
  readonly realPeople: boolean
  /** Whether codes reach email addresses. */
  readonly emails: boolean
  /** Whether codes reach phones. */
  readonly texts: boolean
  /** Whether documents are reviewed. */
  readonly reviews: boolean
}

/** Label to its set and how it is proved. */
export type Checks = Readonly<Record<string, { readonly set: AttestationSet; readonly check: Check }>>

/** @returns the labels that are attested */
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
  // Only a document proves anything else about a person
  return reviews && set !== 'attCivicBasic' ? 'review' : undefined
}

function believedBy(label: string, set: AttestationSet): Check {
  if (label === Labels.EMAIL) return 'code'
  return set === 'attCivicIdentity' ? 'review' : 'none'
}
