import { createHmac } from 'node:crypto'
import { anchorOf, verifyOffline } from 'civic-attestations'
import type { Attestation, AttestedSubject } from 'civic-attestations'
import { Labels } from 'passport-civic-sip/user-data'
import { publicKeyOf } from './xpub.ts'

/** An anchored tree: what is needed to list and to revoke it, and nobody's data. */
export interface Issued {
  readonly txid: string
  readonly vout: number
  /** The set's name. */
  readonly set: string
  readonly labels: readonly string[]
  /** Whose it is. */
  readonly xpub: string
  /** The public key in `xpub`, of which there can be other xpubs. */
  readonly publicKey: string
  /** Milliseconds since the epoch. */
  readonly issuedAt: number
  readonly revoked: boolean
  /** What the anchor commits to, and the transaction that holds it. */
  readonly attested: AttestedSubject
  /** Label to HMAC of what names the person: to find all anchors of one email, phone number or document number. */
  readonly marks: Readonly<Record<string, string>>
  /** Label to HMAC of the very value that was proved. */
  readonly proven: Readonly<Record<string, string>>
}

/** How state files before this version held it: one of the attestations, its value taken out. */
export type EarlierIssued = Omit<Issued, 'publicKey' | 'attested' | 'marks' | 'proven'> & {
  readonly attestation: Attestation
}

/** Labels whose values a code can prove. */
export const CODE_LABELS: readonly string[] = [Labels.EMAIL, Labels.PHONE_NUMBER]

/** What names a person, and how differently written values are told to be the same. */
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

/** The labels by whose values attestations can be revoked. */
export const NAMING_LABELS: readonly string[] = [...NAMING.keys()]

/** A household can share a phone number; an email address and a document belong to one person. */
const OF_ONE_PERSON: readonly string[] = [Labels.EMAIL, Labels.DOCUMENT_NUMBER]

/** @returns undefined if the label, or the value, names nobody */
export function markOf(secret: string, label: string, value: string): string | undefined {
  const normal = NAMING.get(label)?.(value)
  return normal === undefined || normal === '' ? undefined : hmac(secret, 'mark', label, normal)
}

export function proofOf(secret: string, label: string, value: string): string {
  return hmac(secret, 'proven', label, value)
}

/** The marks that tell a person: who has one of them in common is the same. */
export function personOf({ marks }: Issued): Record<string, string> {
  return Object.fromEntries(Object.entries(marks).filter(([label]) => OF_ONE_PERSON.includes(label)))
}

/** @param attestations all of one anchored tree */
export function issuedOf(attestations: readonly Attestation[], issuedAt: number, secret: string): Issued {
  const [first] = attestations
  if (!first) throw new Error('a tree has at least one label')
  const { txid, vout } = anchorOf(first)
  const { subject, publicKey, set } = verifyOffline(first)
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

/** Takes over what an earlier version issued: it can be revoked by its anchor, but not by a value, which it lacks. */
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
