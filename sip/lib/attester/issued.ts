import { createHmac } from 'node:crypto'
import { anchorOf, verifyOffline } from 'civic-attestations'
import type { Attestation, AttestedSubject } from 'civic-attestations'
import { Labels } from 'passport-civic-sip/user-data'
import { publicKeyOf } from './xpub.ts'

/** An anchored tree: enough to list and revoke it, without people's data. */
export interface Issued {
  readonly txid: string
  readonly vout: number
  /** The set's name. */
  readonly set: string
  readonly labels: readonly string[]
  /** The owner's extended public key. */
  readonly xpub: string
  /** The public key in `xpub`; one key can have several xpubs. */
  readonly publicKey: string
  /** Milliseconds since the epoch. */
  readonly issuedAt: number
  readonly revoked: boolean
  /** What the anchor commits to, and its transaction. */
  readonly attested: AttestedSubject
  /**
   * Label to HMAC of values that identify the person, to find all anchors of one email, phone number or document
   * number.
   */
  readonly marks: Readonly<Record<string, string>>
  /** Label to HMAC of the proved value. */
  readonly proven: Readonly<Record<string, string>>
}

/** The form in earlier versions' state files: one of the attestations, without its value. */
export type EarlierIssued = Omit<Issued, 'publicKey' | 'attested' | 'marks' | 'proven'> & {
  readonly attestation: Attestation
}

/** Labels whose values a code can prove. */
export const CODE_LABELS: readonly string[] = [Labels.EMAIL, Labels.PHONE_NUMBER]

/** Labels that identify a person, and how to normalise their values. */
const NAMING: ReadonlyMap<string, (value: string) => string> = new Map([
  [Labels.EMAIL, (value: string) => value.normalize('NFKC').trim().toLowerCase()],
  [Labels.PHONE_NUMBER, (value: string) => value.normalize('NFKC').replace(/[^\d]/g, '')],
  [
    Labels.DOCUMENT_NUMBER,
    (value: string) =>
      value
        .normalize('NFKC')
        .replace(/[^\p{L}\p{N}]/gu, '')
        .toUpperCase(),
  ],
])

/** The labels with whose values attestations can be revoked. */
export const NAMING_LABELS: readonly string[] = [...NAMING.keys()]

/** Not the phone number, which a household can share: an email address and a document belong to one person. */
const OF_ONE_PERSON: readonly string[] = [Labels.EMAIL, Labels.DOCUMENT_NUMBER]

/** @returns undefined if the label or the value identifies nobody */
export function markOf(secret: string, label: string, value: string): string | undefined {
  const normal = NAMING.get(label)?.(value)
  return normal === undefined || normal === '' ? undefined : hmac(secret, 'mark', label, normal)
}

export function proofOf(secret: string, label: string, value: string): string {
  return hmac(secret, 'proven', label, value)
}

/** The marks that identify a person: a common mark means the same person. */
export function personOf({ marks }: Issued): Record<string, string> {
  return Object.fromEntries(Object.entries(marks).filter(([label]) => OF_ONE_PERSON.includes(label)))
}

/** @param attestations all attestations of one anchored tree */
export function issuedOf(attestations: readonly Attestation[], issuedAt: number, secret: string): Issued {
  const [first] = attestations
  if (!first) throw new Error('a tree has at least one label')
  const verified = verifyOffline(first)
  const { txid, vout } = anchorOf(verified)
  const { subject, publicKey, set } = verified
  const hmacs = (of: (label: string, value: string) => string | undefined): Record<string, string> =>
    Object.fromEntries(
      attestations.flatMap(({ label, data }) => {
        const made = of(label, data.value)
        return made === undefined ? [] : [[label, made]]
      }),
    )
  return {
    txid,
    vout,
    set,
    labels: attestations.map(({ label }) => label),
    xpub: subject,
    publicKey,
    issuedAt,
    revoked: false,
    attested: first.attn.attestation.attestation,
    marks: hmacs((label, value) => markOf(secret, label, value)),
    proven: hmacs((label, value) => proofOf(secret, label, value)),
  }
}

/** Converts an earlier version's entry. It can be revoked by its anchor, but not by a value, which it lacks. */
export function broughtUpToDate(entry: Issued | EarlierIssued): Issued {
  if (!('attestation' in entry)) return entry
  const { attestation, ...rest } = entry
  const { attestation: attested } = attestation.attn.attestation
  return { ...rest, publicKey: publicKeyOf(entry.xpub), attested, marks: {}, proven: {} }
}

function hmac(secret: string, ...parts: readonly string[]): string {
  return createHmac('sha256', secret)
    .update(JSON.stringify(['attestation', ...parts]))
    .digest('hex')
}
