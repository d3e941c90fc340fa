import { createHmac } from 'node:crypto'
import { anchorOf, type Attestation } from 'civic-attestations'
import { type Issuance, type Issuer } from './issuer.ts'
import { valuesOf, type Person } from './people.ts'
import { ATTESTATION_SETS, issueRequest, setOf, type AttestationSet } from './wallet-core.ts'
import { walletKey, type WalletKey } from './wallet-key.ts'

const MAX_WALLETS = 200

/** A made-up person's key, and what was attested to it. */
export interface PersonWallet {
  readonly key: WalletKey
  readonly issuances: Map<AttestationSet, Issuance>
}

/**
 * The wallets of the made-up people, for logins without a browser. Their keys derive from the sandbox's secret, so
 * that a person who drops out of this memory, or a restart, comes back with the same key; then what the person
 * holds is attested anew.
 */
export class PeopleWallets {
  readonly #secret: string
  readonly #issuer: Issuer
  readonly #wallets = new Map<string, PersonWallet>()

  constructor(secret: string, issuer: Issuer) {
    this.#secret = secret
    this.#issuer = issuer
  }

  of({ id }: Person): PersonWallet {
    const known = this.#wallets.get(id)
    const seed = (): Buffer => createHmac('sha512', this.#secret).update(`person\0${id}`).digest()
    const wallet = known ?? { key: walletKey(seed()), issuances: new Map<AttestationSet, Issuance>() }
    this.#wallets.delete(id)
    this.#wallets.set(id, wallet)
    const [oldest] = this.#wallets.keys()
    if (oldest !== undefined && this.#wallets.size > MAX_WALLETS) this.#wallets.delete(oldest)
    return wallet
  }

  /**
   * Has the person's labels attested, once: the sandbox made these people up and needs no mailbox to believe them.
   * @returns all attestations of the sets that the labels are in, anchored
   * @throws Error if the ledger does not take them
   */
  async attested(person: Person, labels: readonly string[]): Promise<Attestation[]> {
    const { key, issuances } = this.of(person)
    const sets = new Set(labels.map((label) => setOf(label)).filter((set) => set !== undefined))
    for (const set of sets) {
      if (!issuances.has(set))
        issuances.set(set, this.#issuer.issue(issueRequest(set, claimsOf(person, set), key)))
    }
    const wanted = [...sets].map((set) => issuances.get(set)).filter((issuance) => issuance !== undefined)
    await Promise.all(wanted.map((issuance) => this.#issuer.status(issuance.id)))
    const failure = wanted.find((issuance) => issuance.failure !== undefined)?.failure
    if (failure !== undefined)
      throw new Error(`the attestations of ${person.name} cannot be issued: ${failure}`)
    return wanted.flatMap(({ attestations }) => attestations)
  }

  /** What the person holds by now. */
  held(person: Person): HeldAttestation[] {
    return [...this.of(person).issuances.values()].flatMap(({ attestations, type }) =>
      attestations
        .filter(({ attn }) => attn.attestation.attestation.tx !== undefined)
        .map((attestation) => {
          const { txid, vout } = anchorOf(attestation)
          return { label: attestation.label, txid, vout, status: type, attestation }
        }),
    )
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
  const prefixes: readonly string[] = ATTESTATION_SETS[set]
  const claims = [...valuesOf(person)].filter(([label]) =>
    prefixes.some((prefix) => label.startsWith(prefix)),
  )
  return Object.fromEntries(claims)
}
