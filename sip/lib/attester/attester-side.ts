import type { Ledger } from 'civic-attestations'
import { Documents } from '../documents/documents.ts'
import type { ReviewerKeys } from '../documents/document-wire.ts'
import type { IdentityProvider } from '../documents/documents.ts'
import type { OwnerOf } from '../partners/routes.ts'
import type { Clock } from '../store/expiring-map.ts'
import type { Stores } from '../store/stores.ts'
import { Attester } from './attester.ts'
import { checksFor } from './checks.ts'
import type { Checks } from './checks.ts'
import type { Claims } from './claims.ts'
import { DIGITS, LETTERS } from './code-rules.ts'
import { Codes } from './codes.ts'
import { Issuer } from './issuer.ts'
import type { FormerKeys } from './issuer.ts'
import type { Mailer, Texter } from './mailer.ts'
import type { AnchoringPolicy } from './policy.ts'
import { OwnProofs } from './proofs.ts'
import type { Proofs } from './proofs.ts'
import { localSigners } from './signers.ts'
import type { Signers } from './signers.ts'

export interface AttesterOptions {
  /** 128 hex digits. The attester's keys derive from it instead of from `secret`, and so outlive `secret`. */
  readonly seed?: string
  /** Called after each sent transaction, for example to make a block. */
  readonly sent?: () => void
  /** For a private ledger: pays some money to this script, as hex, if the attester has none. */
  readonly fund?: (script: string) => unknown
  /**
   * Whether claims are known to be true for the owner of an extended key, so that they need no code. Default: never.
   */
  readonly isKnown?: (xpub: string, claims: Claims) => boolean
  /** Signs for the attester with two of three keys. Default: all keys in this process, from `seed`. */
  readonly signers?: Signers
  /** The keys from before they were replaced, to revoke attestations of that time. */
  readonly former?: FormerKeys
  /** Sends and checks codes. Default: in this process, with `mailer` and `texter`. */
  readonly proofs?: Proofs
  /** What the cosigner requires of reviewers. Default: the server has no cosigner. */
  readonly reviewerKeys?: () => Promise<ReviewerKeys>
  /** How trees are anchored. Default: each one immediately. */
  readonly anchoring?: AnchoringPolicy
  /**
   * Whether claims are proved or else refused: phone numbers by a text message, all but them and email addresses by a
   * document. Codes then have eight letters and digits, limits by IP address, and a lock-out. Default: false, which is
   * for test users: what no code proves is believed.
   */
  readonly realPeople?: boolean
  /** Checks documents instead of reviewers. Default: reviewers check them, if partners have accounts. */
  readonly identityProvider?: IdentityProvider
  /** A person's name for the dashboard, by a wallet's extended key or a userId. Default: unknown. */
  readonly ownerOf?: OwnerOf
}

export interface AttesterSide {
  readonly issuer: Issuer
  readonly attester: Attester
  readonly proofs: Proofs
  readonly checks: Checks
  /** The review of documents. */
  readonly documents: Documents | undefined
}

/** The part of a server that attests. */
export function attesterSide(
  options: AttesterOptions,
  parts: {
    readonly stores: Stores
    readonly clock: Clock
    readonly secret: string
    readonly ledger: Ledger
    readonly mailer: Mailer | undefined
    readonly texter: Texter | undefined
    /** Whether there are reviewers for documents. */
    readonly hasReviewers: boolean
    readonly log: ((line: string) => void) | undefined
  },
): AttesterSide {
  const { sent, fund, isKnown = () => false, realPeople = false, identityProvider: provider } = options
  const { stores, clock, secret, ledger, mailer, texter, hasReviewers, log } = parts
  const { anchors, issuances, anchoring, turns, unsigned } = stores
  const issuer = new Issuer({
    secret,
    signers: options.signers ?? localSigners(options.seed ?? secret),
    ...(options.former && { former: options.former }),
    chain: { ledger, ...(sent && { sent }), ...(fund && { fund }) },
    policy: options.anchoring ?? {},
    ...{ anchors, issuances, anchoring, turns, clock, log },
  })
  const codes = new Codes({ store: stores.codes, clock, secret, rules: realPeople ? LETTERS : DIGITS })
  const proofs = options.proofs ?? new OwnProofs({ codes, mailer, texter })
  const hasDocuments = realPeople && (hasReviewers || provider !== undefined)
  const documents = hasDocuments
    ? new Documents({ store: stores.documents, clock, provider, log, reviewerKeys: options.reviewerKeys })
    : undefined
  const checks = checksFor({
    realPeople,
    emails: proofs.sendsEmails,
    texts: proofs.sendsTexts,
    reviews: hasDocuments,
  })
  const attester = new Attester({ issuer, checks, proofs, documents, unsigned, clock, isKnown })
  return { issuer, attester, proofs, checks, documents }
}
