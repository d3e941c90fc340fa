import { createHmac } from 'node:crypto'
import { anchorOf } from 'civic-attestations'
import type { Attestation } from 'civic-attestations'
import { attest, lookAgain } from 'civic-wallet/hosted'
import type { AttesterCalls, Attesting } from 'civic-wallet/hosted'
import { valuesOf } from './people.ts'
import type { Person } from './people.ts'
import { setOf } from 'civic-wallet/hosted'
import type { AttestationSet } from 'civic-wallet/hosted'
import { publicKeyOf, walletKey } from 'civic-wallet/hosted'
import type { WalletKey } from 'civic-wallet/hosted'

const MAX_WALLETS = 200

/** A test user's key, and what was attested to it. */
export interface PersonWallet {
  readonly person: Person
  readonly key: WalletKey
  readonly publicKey: string
  readonly held: Map<AttestationSet, Attesting>
  /** What is asked at the moment: once, however many logins need it. */
  readonly asked: Map<AttestationSet, Promise<Attesting>>
}

/**
 * The wallets of the test users, for logins without a browser. Their keys derive from the sandbox's secret, so
 * that a person who drops out of this memory, or a restart, comes back with the same key; then what the person
 * holds is attested anew.
 */
export class PeopleWallets {
  readonly #secret: string
  readonly #wallets = new Map<string, PersonWallet>()

  constructor(secret: string) {
    this.#secret = secret
  }

  of(person: Person): PersonWallet {
    const { id } = person
    const wallet = this.#wallets.get(id) ?? this.#open(person)
    this.#wallets.delete(id)
    this.#wallets.set(id, wallet)
    const [oldest] = this.#wallets.keys()
    if (oldest !== undefined && this.#wallets.size > MAX_WALLETS) this.#wallets.delete(oldest)
    return wallet
  }

  /** What the keys of the person's wallet derive from, 64 bytes as hex. */
  seedOf({ id }: Person): string {
    return createHmac('sha512', this.#secret).update(`person\0${id}`).digest('hex')
  }

  /** Whether these are the values of the test user whose key this is: nobody else has it, so they need no code. */
  isOwn(publicKey: string, claims: Readonly<Record<string, string>>): boolean {
    const wallet = [...this.#wallets.values()].find((other) => other.publicKey === publicKey)
    if (!wallet) return false
    const values = valuesOf(wallet.person)
    return Object.entries(claims).every(([label, value]) => values.get(label) === value)
  }

  /**
   * Has the person's labels attested, once.
   * @returns all attestations of the sets that the labels are in, anchored
   * @throws Error if the ledger does not take them
   */
  async attested(person: Person, labels: readonly string[], attester: AttesterCalls): Promise<Attestation[]> {
    const sets = new Set(labels.map((label) => setOf(label)).filter((set) => set !== undefined))
    const wanted = await Promise.all([...sets].map((set) => this.#attested(person, set, attester)))
    const failure = wanted.find(({ reason }) => reason !== undefined)?.reason
    if (failure !== undefined)
      throw new Error(`the attestations of ${person.name} cannot be issued: ${failure}`)
    return wanted.flatMap(({ attestations = [] }) => attestations)
  }

  /** What the person holds by now. */
  held(person: Person): HeldAttestation[] {
    return [...this.of(person).held.values()].flatMap(({ attestations = [], state }) =>
      attestations
        .filter(({ attn }) => attn.attestation.attestation.tx !== undefined)
        .map((attestation) => {
          const { txid, vout } = anchorOf(attestation)
          const status = state === 'attested' ? ('permanent' as const) : ('temporary' as const)
          return { label: attestation.label, txid, vout, status, attestation }
        }),
    )
  }

  #open(person: Person): PersonWallet {
    const key = walletKey(Buffer.from(this.seedOf(person), 'hex'))
    return { person, key, publicKey: publicKeyOf(key.xpub), held: new Map(), asked: new Map() }
  }

  async #attested(person: Person, set: AttestationSet, attester: AttesterCalls): Promise<Attesting> {
    const { key, held, asked } = this.of(person)
    const known = held.get(set)
    if (known?.state === 'attested') return known
    const root = known?.attestations?.[0]?.attnData
    const asking =
      asked.get(set) ??
      (known && root !== undefined
        ? lookAgain(attester, known.id, root)
        : attest(attester, { set, claims: claimsOf(person, set) }, key))
    asked.set(set, asking)
    try {
      held.set(set, await asking)
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
  return Object.fromEntries([...valuesOf(person)].filter(([label]) => setOf(label) === set))
}
