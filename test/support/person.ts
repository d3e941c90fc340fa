import { createHash } from 'node:crypto'
import { issue } from 'civic-attestations'
import type { Attestation, EmbeddedLedger } from 'civic-attestations'
import type { ResolvedAnswer } from '../../lib/direct/index.ts'
import { anchorTo, ISSUER } from './issuer.ts'
import { requestIdOf, resolvedAnswer } from '../../wallet/lib/answer.ts'
import { pointOfHex, sealAnswer } from '../../wallet/lib/jose.ts'
import { WalletKeys } from '../../wallet/lib/keys.ts'
import { attestationSet } from '../../wallet/lib/sets.ts'
import type { AttestationSet } from '../../wallet/lib/sets.ts'
import type { CheckedRequest } from '../../wallet/lib/request.ts'

export const CLAIMS = {
  'contact.personal.email': 'ada@example.org',
  'contact.personal.phoneNumber': '+1 202 555 0143',
}

/** W1's claims, decoded without verification. */
export function claimsOf(token: string): {
  iss: string
  jti: string
  data: {
    clientId: string
    sipId?: string
    callbackUrl: string
    encPubKey: string
    verificationLevel: string
    attributes: string[]
  }
} {
  return JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as never
}

/** The client of the wallet's key for a request: a site, or an app of a SIP. */
export function clientOf(token: string): string {
  const { clientId, sipId } = claimsOf(token).data
  return sipId === undefined ? clientId : `sip:${sipId} ${clientId}`
}

export { requestIdOf }

/** A test's changes to a response before it is signed. */
export interface Changes {
  /** Signs for this client, URL or level instead of the request's. */
  clientId?: string
  url?: string
  label?: string
  /** Grants and signs for this token instead of the request's. */
  token?: string
  attestations?: Attestation[]
}

/** A person with keys and attestations, who can respond as no honest wallet would. */
export class Person {
  readonly keys: WalletKeys
  attestations: Attestation[] = []

  constructor(name: string) {
    this.keys = new WalletKeys(createHash('sha256').update(name).digest())
  }

  /** With CLAIMS, or those given, attested and anchored on the ledger. */
  static async attested(
    name: string,
    ledger: EmbeddedLedger,
    claims: Record<string, string> = CLAIMS,
    options: { set?: AttestationSet } = {},
  ): Promise<Person> {
    const person = new Person(name)
    await person.attest(ledger, claims, options)
    ledger.mine()
    return person
  }

  /** Issues another tree, to the key of its set. */
  async attest(
    ledger: EmbeddedLedger,
    claims: Record<string, string>,
    { set }: { set?: AttestationSet } = {},
  ): Promise<Attestation[]> {
    const { attestations } = await anchorTo(ledger, this.issued(claims, set))
    this.attestations.push(...attestations)
    return attestations
  }

  /** Issues one tree, which no ledger knows. */
  issued(claims: Record<string, string>, set = attestationSet(Object.keys(claims)[0]!)!): Attestation[] {
    return issue({ ...ISSUER, label: set, claims, subject: this.keys.subject(set).xprv })
  }

  /** The wallet's response before it is encrypted. */
  answer(token: string, changes: Changes = {}): ResolvedAnswer {
    const { data } = claimsOf(token)
    const { clientId = data.clientId, url = data.callbackUrl, label = data.verificationLevel } = changes
    const asked = data.attributes.flatMap(
      (name) => this.attestations.find((attestation) => attestation.label === name) ?? [],
    )
    const checked = {
      url,
      token: changes.token ?? token,
      data: { clientId, verificationLevel: label },
    } as CheckedRequest
    const site = this.keys.site(changes.clientId ?? clientOf(token))
    return resolvedAnswer(checked, site, this.keys, changes.attestations ?? asked)
  }
}

/** Encrypts for the request of a token, or of another. */
export function seal(answer: unknown, token: string, boundTo = token): string {
  return sealAnswer(JSON.stringify(answer), pointOfHex(claimsOf(token).data.encPubKey), boundTo)
}
