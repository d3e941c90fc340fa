import { createHmac, randomUUID } from 'node:crypto'
import {
  anchor,
  anchorOf,
  findFunds,
  fundingScript,
  issue,
  LedgerUnavailable,
  revoke,
  type Attestation,
} from 'civic-attestations'
import { type Chain } from './chain.ts'
import { type Clock } from './expiring-map.ts'
import { HttpError } from './http.ts'
import { type IssueBody } from './wallet-core.ts'
import { walletKey } from './wallet-key.ts'

/** Where the authority's key stands below its xpub, and the cosigners' below theirs. */
const PATH = '/0/0/11/1221'
const MAX_ISSUANCES = 10_000

/** What was issued in one go: the attestations of one tree, and where their common anchor stands. */
export interface Issuance {
  readonly id: string
  /** `temporary` until a block holds the anchor, then `permanent`. */
  type: 'temporary' | 'permanent'
  /** One for each label. Without a transaction until they are anchored. */
  attestations: readonly Attestation[]
  /** Why there is no anchor yet. */
  failure?: string
  /** Settles once the anchor was sent to the ledger, or could not be. */
  anchored: Promise<void>
}

/** An anchored tree, as the dashboard lists it: what is needed to revoke it, and nobody's data. */
export interface Issued {
  readonly txid: string
  readonly vout: number
  /** The set's name. */
  readonly set: string
  readonly labels: readonly string[]
  /** Whose it is. */
  readonly xpub: string
  /** Milliseconds since the epoch. */
  readonly issuedAt: number
  revoked: boolean
  /** One of the attestations, its value taken out. */
  readonly attestation: Attestation
}

export interface IssuerOptions {
  /** The sandbox's secret, from which the issuer's keys derive. */
  readonly secret: string
  readonly chain: Chain
  readonly issued: readonly Issued[]
  readonly clock: Clock
  /** Called when `issued` or the embedded ledger changed. */
  readonly changed: () => void
}

/** The attester: signs what it has verified, anchors it on the ledger, and revokes it. */
export class Issuer {
  readonly #options: IssuerOptions
  readonly #keys: readonly [authority: string, cosigner: string]
  readonly #parties: Parameters<typeof fundingScript>[0]
  readonly #issued: Issued[]
  readonly #issuances = new Map<string, Issuance>()
  /** Two transactions must not spend the same funds: one is made after the other. */
  #queue: Promise<unknown> = Promise.resolve()

  constructor(options: IssuerOptions) {
    const seed = (name: string): Buffer =>
      createHmac('sha512', options.secret).update(`issuer\0${name}`).digest()
    const [authority, first, second] = ['authority', 'cosigner 1', 'cosigner 2'].map((name) =>
      walletKey(seed(name)),
    )
    if (!authority || !first || !second) throw new Error('an issuer has three keys')
    this.#options = options
    this.#keys = [authority.xprv, first.xprv]
    this.#parties = {
      authority: { xpub: authority.xpub, path: PATH },
      cosigners: [{ xpub: first.xpub }, { xpub: second.xpub }],
    }
    this.#issued = [...options.issued]
  }

  /** The xpubs that a verifier must trust. */
  get authorities(): string[] {
    return [this.#parties.authority.xpub]
  }

  /** Newest first. */
  list(): readonly Issued[] {
    return this.#issued.toReversed()
  }

  /**
   * Attests what the caller has verified: the tree is well-formed and signed by its subject, or it is refused.
   * @throws AttestationError, TypeError
   */
  issue({ label, tree, subject }: IssueBody): Issuance {
    const issuance: Issuance = {
      id: randomUUID(),
      type: 'temporary',
      attestations: issue({ label, claims: tree, subject, ...this.#parties }),
      anchored: Promise.resolve(),
    }
    this.#issuances.set(issuance.id, issuance)
    this.#forgetOldest()
    issuance.anchored = this.#inTurn(() => this.#anchor(issuance))
    return issuance
  }

  /**
   * Looks where an issuance stands; one that could not be anchored is tried again.
   * @throws HttpError 404
   */
  async status(id: string): Promise<Issuance> {
    const issuance = this.#issuances.get(id)
    if (!issuance) throw new HttpError(404, 'there is no such attestation')
    await issuance.anchored
    if (issuance.failure !== undefined) await (issuance.anchored = this.#inTurn(() => this.#anchor(issuance)))
    if (issuance.failure === undefined && issuance.type === 'temporary') await this.#confirm(issuance)
    return issuance
  }

  /**
   * Revokes an anchored tree, and with it each of its labels.
   * @throws HttpError 404, 409 if it is revoked already, or on another ledger; 503 if the ledger cannot be reached
   */
  async revoke({ txid, vout }: { readonly txid: string; readonly vout: number }): Promise<void> {
    const issued = this.#issued.find((entry) => entry.txid === txid && entry.vout === vout)
    if (!issued) throw new HttpError(404, 'this sandbox anchored no attestation there')
    if (issued.revoked) throw new HttpError(409, 'the attestation is revoked already')
    await this.#inTurn(async () => {
      const { tx } = revoke({ attestation: issued.attestation, keys: this.#keys })
      try {
        await this.#send(tx)
      } catch (error) {
        throw new HttpError(error instanceof LedgerUnavailable ? 503 : 409, messageOf(error))
      }
      issued.revoked = true
      this.#options.changed()
    })
  }

  async #anchor(issuance: Issuance): Promise<void> {
    const { chain, clock } = this.#options
    try {
      const { tx, attestations } = anchor({
        attestations: issuance.attestations,
        keys: this.#keys,
        funds: await this.#funds(),
        network: chain.ledger.network,
      })
      await this.#send(tx)
      issuance.attestations = attestations
      delete issuance.failure
      this.#issued.push(issuedOf(attestations, clock()))
      if (this.#issued.length > MAX_ISSUANCES) this.#issued.shift()
      this.#options.changed()
    } catch (error) {
      issuance.failure = error instanceof RangeError ? this.#withoutFunds() : messageOf(error)
    }
  }

  async #confirm(issuance: Issuance): Promise<void> {
    const [first] = issuance.attestations
    if (!first || !(await this.#isInBlock(anchorOf(first).txid))) return
    issuance.type = 'permanent'
    issuance.attestations = issuance.attestations.map(permanent)
  }

  async #isInBlock(txid: string): Promise<boolean> {
    try {
      return (await this.#options.chain.ledger.txStatus(txid)).confirmed
    } catch (error) {
      // Nobody knows: it stays temporary, and the next who asks finds out.
      if (error instanceof LedgerUnavailable) return false
      throw error
    }
  }

  async #send(tx: string): Promise<void> {
    const { chain } = this.#options
    await chain.ledger.broadcast(tx)
    chain.mineSoon()
  }

  async #funds(): ReturnType<typeof findFunds> {
    const { chain } = this.#options
    const found = await findFunds(chain.ledger, this.#parties)
    if (found.length > 0 || !chain.isEmbedded) return found
    chain.mine(fundingScript(this.#parties))
    return findFunds(chain.ledger, this.#parties)
  }

  #withoutFunds(): string {
    return `the issuer has too little money on this ledger: pay some to the script ${fundingScript(this.#parties)}`
  }

  #inTurn<T>(act: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(act)
    this.#queue = turn.catch(() => undefined)
    return turn
  }

  #forgetOldest(): void {
    const [oldest] = this.#issuances.keys()
    if (oldest !== undefined && this.#issuances.size > MAX_ISSUANCES) this.#issuances.delete(oldest)
  }
}

function issuedOf(attestations: readonly Attestation[], issuedAt: number): Issued {
  const [first] = attestations
  if (!first) throw new Error('a tree has at least one label')
  const { txid, vout } = anchorOf(first)
  return {
    txid,
    vout,
    set: first.attnLabel,
    labels: attestations.map(({ label }) => label),
    xpub: first.attn.attestation.attestation.subject.xpub,
    issuedAt,
    revoked: false,
    attestation: { ...first, data: { ...first.data, value: '' } },
  }
}

function permanent(attestation: Attestation): Attestation {
  const { attestation: attested, ...request } = attestation.attn.attestation
  return {
    ...attestation,
    attn: { attestation: { ...request, attestation: { ...attested, type: 'permanent' } } },
  }
}

function messageOf(error: unknown): string {
  return error instanceof LedgerUnavailable ? 'the blockchain cannot be reached' : (error as Error).message
}
