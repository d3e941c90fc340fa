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

/** A test user's wallet, and what is under way in it. */
export interface PersonWallet {
  readonly person: Person
  readonly wallet: Wallet
  /** What attestations are issued to. */
  readonly xpubs: readonly string[]
  /** By appId, the person's userId there; filled on demand. */
  readonly userIds: Map<string, string>
  /** Where the issuing of each set stands. */
  readonly outcomes: Map<AttestationSet, AttestOutcome>
  /** What is asked at the moment: once, however many logins need it. */
  readonly asked: Map<AttestationSet, Promise<AttestOutcome>>
  /** Requests whose approval waits for the ledger, by their links: the same response is to be sent again. */
  readonly waiting: Map<string, WalletRequest>
}

export interface PeopleWalletsOptions {
  /** From which the wallets' seeds derive. */
  readonly secret: string
  readonly clock: () => number
  /** This sandbox, under each of its names. */
  readonly trustedSips: readonly { readonly origin: string; readonly sipId: string }[]
  /** The base URL of this sandbox's attester. */
  readonly attester: string
}

/**
 * The wallets of the test users, for logins without a browser. Their seeds derive from the sandbox's secret, so that a
 * person who drops out of this memory, or a restart, comes back with the same keys; then what the person holds is
 * attested anew.
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

  /** Takes over what the wallet's page has had attested to the person's keys. */
  adopt(person: Person, kept: WalletKept): void {
    const { waiting, asked } = this.of(person)
    // What is under way belongs to the wallet that began it
    if (waiting.size > 0 || asked.size > 0) return
    this.#wallets.set(person.id, this.#open(person, kept))
  }

  /** What the keys of the person's wallet derive from, 64 bytes as hex. */
  seedOf({ id }: Person): string {
    return createHmac('sha512', this.#options.secret).update(`person\0${id}`).digest('hex')
  }

  /** Forgets what a person holds, whose details have changed: it is attested anew, to the same keys. */
  forget(id: string): void {
    this.#wallets.delete(id)
  }

  /** Whose extended key this is, of the wallets that are open. */
  ownerOf(xpub: string): Person | undefined {
    return [...this.#wallets.values()].find(({ xpubs }) => xpubs.includes(xpub))?.person
  }

  /** Whose userId this is at an app of the sandbox, of the wallets that are open. */
  userOf(appId: string, userId: string): Person | undefined {
    return [...this.#wallets.values()].find((wallet) => this.#userId(wallet, appId) === userId)?.person
  }

  /** Whether these are the values of the test user whose key this is: nobody else has it, so they need no code. */
  isOwn(xpub: string, claims: Readonly<Record<string, string>>): boolean {
    const person = this.ownerOf(xpub)
    if (!person) return false
    const values = valuesOf(person)
    return Object.entries(claims).every(([label, value]) => values.get(label) === value)
  }

  /**
   * Has the person's labels attested, once.
   * @throws Error if the ledger does not take them
   */
  async attest(person: Person, labels: readonly string[]): Promise<void> {
    const sets = new Set(labels.map((label) => attestationSet(label)).filter((set) => set !== undefined))
    const outcomes = await Promise.all([...sets].map((set) => this.#attest(person, set)))
    const reason = outcomes.find((outcome) => outcome.reason !== undefined)?.reason
    if (reason !== undefined) {
      throw new Error(`the attestations of ${person.name} cannot be issued: ${reason}`)
    }
  }

  /** What the person holds by now. */
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
    // The attester needs no code of a test user, but the wallet does not know that it is one's
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
