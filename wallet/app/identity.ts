import { EsploraLedger } from 'civic-attestations'
import type { Attestation } from 'civic-attestations'
import { attestationSet, Labels } from 'passport-civic-sip/user-data'
import type { AttestationSet } from 'passport-civic-sip/user-data'
import { Wallet } from '../lib/index.ts'
import type { TrustedSip, WalletKept } from '../lib/index.ts'
import type { Config } from './config.ts'

/** A response, and the site that got it. Only the wallet stores it. */
export interface Activity {
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly host: string
  readonly name: string
  readonly outcome: 'approved' | 'declined'
  /** Empty where no detail was shared. */
  readonly labels: readonly string[]
}

/** What a wallet stores of an identity besides its seed. */
export interface Kept {
  readonly wallet?: WalletKept
  readonly activity: readonly Activity[]
  /** Label to the value that the person typed. */
  readonly values?: Readonly<Record<string, string>>
  /** SIPs that the person trusts besides the operator's. */
  readonly trustedSips?: readonly string[]
  /** Sets with spent anchors. */
  readonly revoked?: readonly AttestationSet[]
  /** The last refusal of each set by an attester. */
  readonly refused?: Readonly<Partial<Record<AttestationSet, string | undefined>>>
  /** The anchors when a file was last saved or declined. */
  readonly savedAnchors?: readonly string[]
  /** The language of dates; empty: the browser's. */
  readonly dateLanguage?: string
}

/** A person who responds to requests. */
export interface Identity {
  readonly id: string
  readonly name: string
  readonly kind: 'test' | 'own'
  readonly wallet: Wallet
  /** What can be attested: label to value. */
  readonly values: Readonly<Record<string, string>>
  /** Whether the attester knows the test user's email already. */
  readonly isEmailVerified: boolean
  readonly kept: Kept
}

export interface IdentityParts extends Omit<Identity, 'wallet'> {
  readonly seed: string
}

/** @throws TypeError if the stored data is invalid */
export function openIdentity({ seed, ...rest }: IdentityParts, config: Config): Identity {
  const { kept, kind } = rest
  const own: readonly TrustedSip[] = kept.trustedSips ?? []
  const wallet = new Wallet({
    seed,
    trustedSips: [...config.trustedSips.map(bare), ...own],
    ledger: ledgerOf(config),
    // Plain http is for test users, and for a wallet on this machine
    allowPrivate: kind === 'test' || isLoopback(location.hostname),
    ...(kept.wallet && { kept: kept.wallet }),
  })
  return { ...rest, wallet }
}

export function ledgerOf({ ledger, testUsers }: Config): EsploraLedger {
  return new EsploraLedger(ledger, { insecureLan: testUsers !== undefined })
}

export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '127.0.0.1' || hostname === '[::1]'
}

/** All labels that the identity holds, without duplicates. */
export function allHeld({ kept }: Pick<Identity, 'kept'>): readonly Attestation[] {
  return kept.wallet?.attestations ?? []
}

/** The labels of a set that the identity holds. */
export function heldOf(identity: Pick<Identity, 'kept'>, set: AttestationSet): Attestation[] {
  return allHeld(identity).filter(({ label }) => attestationSet(label) === set)
}

export function isRevoked({ kept }: Identity, set: AttestationSet): boolean {
  return kept.revoked?.includes(set) ?? false
}

/** The labels of a set that the identity has values of. */
export function claimsOf({ values }: Pick<Identity, 'values'>, set: AttestationSet): Record<string, string> {
  return Object.fromEntries(Object.entries(values).filter(([label]) => attestationSet(label) === set))
}

/** The value to share: the attested one, otherwise the one to attest, if it is known. */
export function valueOf(identity: Identity, label: string): string | undefined {
  const held = allHeld(identity).find((attestation) => attestation.label === label)
  if (held) return held.data.value
  // That a person is verified is true once they are
  return label === Labels.IDENTITY_LEVEL ? undefined : identity.values[label]
}

function bare(sip: TrustedSip): TrustedSip {
  return typeof sip === 'string' || (sip.sipId as string | undefined) !== undefined ? sip : sip.origin
}
