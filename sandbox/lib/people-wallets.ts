import { createHmac } from 'node:crypto'
import { anchorOf } from 'civic-attestations'
import type { Attestation } from 'civic-attestations'
import { Wallet } from 'civic-wallet'
import type { AttestOutcome, WalletKept, WalletRequest } from 'civic-wallet'
import { ATTESTATION_SETS, attestationSet } from 'passport-civic-sip/user-data'
import type { AttestationSet } from 'passport-civic-sip/user-data'
import { dropOldest } from './drop-oldest.ts'
import { valuesOf } from './people.ts'
import type { Person } from './people.ts'

const MAX_WALLETS = 200

/** A test user's wallet and its pending work. */
export interface PersonWallet {
  readonly person: Person
  readonly wallet: Wallet
  /** The keys that attestations are issued to. */
  readonly xpubs: readonly string[]
  /** The person's userIds by appId; filled on demand. */
  readonly userIds: Map<string, string>
  /** The state of each set's issuance. */
  readonly outcomes: Map<AttestationSet, AttestOutcome>
  /** The running calls to the attester, shared by all logins that need them. */
  readonly asked: Map<AttestationSet, Promise<AttestOutcome>>
  /** Requests whose approval waits for the ledger, by link, so that the same response is sent again. */
  readonly waiting: Map<string, WalletRequest>
}

export interface PeopleWalletsOptions {
  /** The wallets' seeds derive from it. */
  readonly secret: string
  readonly clock: () => number
  /** This sandbox's SIP under each of its names. */
  readonly trustedSips: readonly { readonly origin: string; readonly sipId: string }[]
  /** The base URL of this sandbox's attester. */
  readonly attester: string
}

/**
 * The wallets of the test users, for logins without a browser. Their seeds derive from the sandbox's secret, so a
 * person has the same keys after a restart or after being dropped from memory. Their details are then attested again.
 */
export class PeopleWallets {
  readonly #options: PeopleWalletsOptions
  readonly #wallets = new Map<string, PersonWallet>()

  constructor(options: PeopleWalletsOptions) {
    this.#options = options
  }

  of(person: Person): PersonWallet {
    const { id } = person
    const wallet = this.#wallets.get(id) ?? this.#open(person)
    this.#wallets.delete(id)
    this.#wallets.set(id, wallet)
    dropOldest(this.#wallets, MAX_WALLETS)
    return wallet
  }

  /** The person's wallet, if it is open. */
  opened({ id }: Person): PersonWallet | undefined {
    return this.#wallets.get(id)
  }

  /** Takes over the attestations of the wallet's page for the same keys. */
  adopt(person: Person, kept: WalletKept): void {
    const { waiting, asked } = this.of(person)
    // Pending work belongs to the wallet that started it
    if (waiting.size > 0 || asked.size > 0) return
    this.#wallets.set(person.id, this.#open(person, kept))
  }

  /** The seed of the person's wallet, 64 bytes as hex. */
  seedOf({ id }: Person): string {
    return createHmac('sha512', this.#options.secret).update(`person\0${id}`).digest('hex')
  }

  /** Forgets a person's attestations after a change of details. They are attested again, to the same keys. */
  forget(id: string): void {
    this.#wallets.delete(id)
  }

  /** The person of an extended key, among the open wallets. */
  ownerOf(xpub: string): Person | undefined {
    return [...this.#wallets.values()].find(({ xpubs }) => xpubs.includes(xpub))?.person
  }

  /** The person of a userId at an app, among the open wallets. */
  userOf(appId: string, userId: string): Person | undefined {
    return [...this.#wallets.values()].find((wallet) => this.#userId(wallet, appId) === userId)?.person
  }

  /** Whether a key's test user has these values. Nobody else has the key, so they need no code. */
  isOwn(xpub: string, claims: Readonly<Record<string, string>>): boolean {
    const person = this.ownerOf(xpub)
    if (!person) return false
    const values = valuesOf(person)
    return Object.entries(claims).every(([label, value]) => values.get(label) === value)
  }

  /**
   * Has the person's labels attested, unless they are already.
   * @throws Error if the ledger does not accept them
   */
  async attest(person: Person, labels: readonly string[]): Promise<void> {
    const sets = new Set(labels.map((label) => attestationSet(label)).filter((set) => set !== undefined))
    const outcomes = await Promise.all([...sets].map((set) => this.#attest(person, set)))
    const reason = outcomes.find((outcome) => outcome.reason !== undefined)?.reason
    if (reason !== undefined) {
      throw new Error(`the attestations of ${person.name} cannot be issued: ${reason}`)
    }
  }

  /** The person's attestations. */
  held(person: Person): HeldAttestation[] {
    const { wallet, outcomes } = this.of(person)
    return wallet.attestations().map((attestation) => {
      const { label } = attestation
      const { txid, vout } = anchorOf(attestation)
      const set = attestationSet(label)
      const isPermanent = set !== undefined && outcomes.get(set)?.state === 'attested'
      return { label, txid, vout, status: isPermanent ? 'permanent' : 'temporary', attestation }
    })
  }

  #open(person: Person, kept?: WalletKept): PersonWallet {
    const { trustedSips, clock } = this.#options
    const options = { trustedSips, clock, allowPrivate: true, ...(kept && { kept }) }
    const wallet = new Wallet({ seed: this.seedOf(person), ...options })
    const xpubs = ATTESTATION_SETS.map((set) => wallet.xpub(set))
    const userIds = new Map<string, string>()
    const held = new Set(wallet.attestations().map(({ label }) => attestationSet(label)))
    const attested = ATTESTATION_SETS.filter((set) => held.has(set))
    const outcomes = new Map<AttestationSet, AttestOutcome>(
      attested.map((set) => [set, { state: 'attested' }]),
    )
    return { person, wallet, xpubs, userIds, outcomes, asked: new Map(), waiting: new Map() }
  }

  #userId({ wallet, userIds }: PersonWallet, appId: string): string {
    const client = `sip:${this.#options.trustedSips[0]?.sipId ?? ''} ${appId}`
    const userId = userIds.get(appId) ?? wallet.userId(client)
    userIds.set(appId, userId)
    return userId
  }

  async #attest(person: Person, set: AttestationSet): Promise<AttestOutcome> {
    const { wallet, outcomes, asked } = this.of(person)
    const known = outcomes.get(set)
    if (known?.state === 'attested') return known
    const claims = claimsOf(person, set)
    // The attester needs no code from a test user, but the wallet does not know that
    const noCodes = Object.fromEntries(Object.keys(claims).map((label) => [label, '']))
    const asking = asked.get(set) ?? wallet.attest(this.#options.attester, claims, noCodes)
    asked.set(set, asking)
    try {
      outcomes.set(set, await asking)
      return await asking
    } finally {
      asked.delete(set)
    }
  }
}

/** An attestation in a wallet, and where it is anchored. */
export interface HeldAttestation {
  readonly label: string
  readonly txid: string
  readonly vout: number
  /** `temporary` until a block holds the anchor. */
  readonly status: 'temporary' | 'permanent'
  readonly attestation: Attestation
}

function claimsOf(person: Person, set: AttestationSet): Record<string, string> {
  return Object.fromEntries([...valuesOf(person)].filter(([label]) => attestationSet(label) === set))
}
