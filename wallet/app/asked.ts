import { attestationSet, ATTESTATION_SETS, Labels, ScopeRequests } from 'passport-civic-sip/user-data'
import type { AttestationSet } from 'passport-civic-sip/user-data'
import type { WalletRequest } from '../lib/index.ts'
import { allHeld, isRevoked } from './identity.ts'
import type { Identity } from './identity.ts'

/** Who asks, for display. */
export interface Asker {
  /** The site's origin; of a native app, its id. */
  readonly origin: string
  /** The same without `https://`, in punycode where it is not ASCII. */
  readonly host: string
  /** The SIP that vouches for this; undefined if the site itself asks. */
  readonly sip: string | undefined
}

export function askerOf({ clientId, host, requester }: WalletRequest): Asker {
  if (URL.canParse(clientId) && new URL(clientId).host === host)
    return { origin: clientId, host, sip: undefined }
  const { origin = '' } = requester
  const isPage = /^https?:/.test(origin) && URL.canParse(origin)
  return { origin, host: isPage ? new URL(origin).host : origin || 'An app', sip: host }
}

/** Whether the request asks only for a userId. */
export function isPrivateLogin({ level }: WalletRequest): boolean {
  return level === ScopeRequests.ANONYMOUS_LOGIN
}

/** The sets of labels, in their order. */
export function setsOf(labels: readonly string[]): AttestationSet[] {
  return ATTESTATION_SETS.filter((set) => labels.some((label) => attestationSet(label) === set))
}

export function labelsOf(labels: readonly string[], set: AttestationSet): string[] {
  return labels.filter((label) => attestationSet(label) === set)
}

/** The sets with requested labels that the identity does not hold. */
export function missing(identity: Identity, { labels }: WalletRequest): AttestationSet[] {
  const held = new Set(allHeld(identity).map(({ label }) => label))
  return setsOf(labels).filter((set) => labelsOf(labels, set).some((label) => !held.has(label)))
}

/** Whether the identity holds a requested label that no longer counts. */
export function hasRevoked(identity: Identity, { labels }: WalletRequest): boolean {
  return setsOf(labels).some((set) => isRevoked(identity, set))
}

const NAMES: Readonly<Record<AttestationSet, string>> = {
  attCivicBasic: 'your email and phone number',
  attCivicIdentity: 'your identity document',
  attCivicResidence: 'your address',
}

/** The requested data, such as "your email and phone number". */
export function wantedOf(request: WalletRequest): string {
  const { labels } = request
  if (labels.length === 1 && labels[0] === Labels.DOCUMENT_DATE_OF_BIRTH) return 'your date of birth'
  return namesOf(setsOf(labels))
}

/** Such as "your identity document and your address". */
export function namesOf(sets: readonly AttestationSet[]): string {
  return listed(sets.map((set) => NAMES[set]))
}

/** The heading: who wants what. */
export function headingOf(request: WalletRequest): string {
  return request.labels.length === 0
    ? `${request.name} wants to log you in`
    : `${request.name} wants ${wantedOf(request)}`
}

function listed(parts: readonly string[]): string {
  const others = [...parts]
  const last = others.pop() ?? ''
  return others.length === 0 ? last : `${others.join(', ')}${others.length > 1 ? ',' : ''} and ${last}`
}
