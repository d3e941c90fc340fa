import { createHmac } from 'node:crypto'
import {
  anchor,
  anchorOf,
  fundingScript,
  issue,
  LedgerUnavailable,
  revokeAttested,
  TransactionRefused,
  verifyOffline,
} from 'civic-attestations'
import type { Attestation, Signed, Subject, Tree } from 'civic-attestations'
import type { Clock } from '../store/expiring-map.ts'
import { MemoryIssuances } from '../store/memory-issuances.ts'
import { MemoryTurns } from '../store/memory-turns.ts'
import type { AnchorStore, IssuanceStore, Turns } from '../store/stores.ts'
import { HttpError } from '../http/http.ts'
import type { Issuance } from './issuance.ts'
import { issuedOf, markOf, NAMING_LABELS, personOf, proofOf } from './issued.ts'
import type { Issued } from './issued.ts'
import { IssuerLedger } from './issuer-ledger.ts'
import type { IssuerChain } from './issuer-ledger.ts'
import type { AttestationSet } from 'passport-civic-sip/user-data'
import { extendedKey } from './xpub.ts'

/** Where the authority's key stands below its xpub, and the cosigners' below theirs. */
const PATH = '/0/0/11/1221'
const MAX_REVOKED = 10_000
const MAX_ISSUANCES = 10_000
/** Two transactions must not spend the same funds: one is made after the other, whichever process makes it. */
const TURN = 'issuer'

export interface IssuerOptions {
  /** The server's secret, of the HMACs by which the issuer finds what it issued. */
  readonly secret: string
  /** From which the issuer's keys derive. Default: `secret`. */
  readonly seed?: string
  readonly chain: IssuerChain
  readonly anchors: AnchorStore
  /** Default: in memory, for one process. */
  readonly issuances?: IssuanceStore
  readonly turns?: Turns
  readonly clock: Clock
}

type AnchorMade = NonNullable<Issuance['made']>

export interface NewIssuance {
  /** By which it is asked for. */
  readonly id: string
  readonly set: AttestationSet
  readonly tree: Tree
  readonly subject: Subject
}

/**
 * The attester's keys: signs what was verified, anchors it on the ledger, and revokes it. For each public key and set
 * there is one live anchor: the one before is spent first.
 */
export class Issuer {
  readonly #options: IssuerOptions
  readonly #keys: readonly [authority: string, cosigner: string]
  readonly #parties: Parameters<typeof fundingScript>[0]
  readonly #ledger: IssuerLedger
  readonly #anchors: AnchorStore
  readonly #issuances: IssuanceStore
  readonly #turns: Turns

  constructor(options: IssuerOptions) {
    const seed = (name: string): Buffer =>
      createHmac('sha512', options.seed ?? options.secret)
        .update(`issuer\0${name}`)
        .digest()
    const [authority, first, second] = ['authority', 'cosigner 1', 'cosigner 2'].map((name) =>
      extendedKey(seed(name)),
    )
    if (!authority || !first || !second) throw new Error('an issuer has three keys')
    this.#options = options
    this.#keys = [authority.xprv, first.xprv]
    this.#parties = {
      authority: { xpub: authority.xpub, path: PATH },
      cosigners: [{ xpub: first.xpub }, { xpub: second.xpub }],
    }
    this.#ledger = new IssuerLedger(options.chain, this.#parties)
    this.#anchors = options.anchors
    this.#issuances = options.issuances ?? new MemoryIssuances()
    this.#turns = options.turns ?? new MemoryTurns()
  }

  /** The xpubs that a verifier must trust. */
  get authorities(): string[] {
    return [this.#parties.authority.xpub]
  }

  /** Newest first. */
  async list(): Promise<readonly Issued[]> {
    return (await this.#anchors.list()).toReversed()
  }

  /**
   * Attests what the caller has verified. Nothing is kept or sent before `start`.
   * @param request.tree the caller's own, made of the claims that it has verified
   * @param request.subject the wallet's signature of its root
   * @throws AttestationError if the signature is not over this tree and set, or the tree not exactly its leaves
   */
  issue({ id, set, tree, subject }: NewIssuance): Issuance {
    const attestations = issue({ label: set, claims: tree, subject, ...this.#parties })
    const { publicKey } = verifyOffline(attestations[0])
    return { id, set, publicKey, state: 'anchoring', attestations }
  }

  /** Has an issuance anchored: `refresh` tells when it is. */
  async start(issuance: Issuance): Promise<void> {
    await this.#issuances.insert(issuance, MAX_ISSUANCES)
    this.#inTurn(() => this.#anchor(issuance.id)).catch((error: unknown) => console.error(error))
  }

  /** @returns undefined if there is no such issuance */
  find(id: string): Promise<Issuance | undefined> {
    return this.#issuances.find(id)
  }

  /** Looks where an issuance stands; one that could not be anchored is tried again. */
  async refresh(id: string): Promise<Issuance | undefined> {
    let issuance = await this.#issuances.find(id)
    if (issuance && !issuance.isSent) {
      await this.#inTurn(() => this.#anchor(id))
      issuance = await this.#issuances.find(id)
    }
    return issuance?.isSent && issuance.state === 'anchoring' ? this.#confirm(issuance) : issuance
  }

  /** Whether this very value is part of what is attested to this key at the moment. */
  async isProven(publicKey: string, set: string, label: string, value: string): Promise<boolean> {
    const proof = proofOf(this.#options.secret, label, value)
    return (await this.#anchors.live(publicKey, set)).some(({ proven }) => proven[label] === proof)
  }

  /**
   * Revokes an anchored tree, and with it each of its labels. Whatever else is anchored for the same email address or
   * document goes too: a person can have it attested to several keys.
   * @throws HttpError 404, 409 if it is revoked already, or on another ledger; 503 if the ledger cannot be reached
   */
  async revoke({ txid, vout }: { readonly txid: string; readonly vout: number }): Promise<void> {
    const issued = await this.#anchors.find(txid, vout)
    if (!issued) throw new HttpError(404, 'no attestation is anchored there')
    if (issued.revoked) throw new HttpError(409, 'the attestation is revoked already')
    await this.#inTurn(() =>
      this.#revoking(async () => {
        await this.#spend(issued, this.#revocation(issued))
        for (const other of await this.#anchors.marked(personOf(issued))) {
          if (await this.#stands(other)) await this.#spend(other, this.#revocation(other))
        }
      }),
    )
  }

  /**
   * Revokes whatever is anchored for an email address, phone number or document number.
   * @returns how many anchors were spent
   * @throws HttpError 400 if the label names nobody; 503 if the ledger cannot be reached
   */
  async revokeMatching(label: string, value: string): Promise<number> {
    if (!NAMING_LABELS.includes(label)) throw new HttpError(400, `label: one of ${NAMING_LABELS.join(', ')}`)
    const mark = markOf(this.#options.secret, label, value)
    let count = 0
    await this.#inTurn(() =>
      this.#revoking(async () => {
        for (const entry of mark === undefined ? [] : await this.#anchors.marked({ [label]: mark })) {
          if (!(await this.#stands(entry))) continue
          await this.#spend(entry, this.#revocation(entry))
          count += 1
        }
      }),
    )
    return count
  }

  /**
   * Revokes what is attested to a key, by its owner's wish.
   * @param isMeant tells by the root of a live anchor's tree whether that is the one
   * @returns false if nothing was found
   * @throws HttpError as `revoke`
   */
  async revokeOwn(publicKey: string, set: string, isMeant: (root: string) => boolean): Promise<boolean> {
    const own = (await this.#anchors.live(publicKey, set)).find(({ attested }) =>
      isMeant(attested.subject.data),
    )
    if (!own) return false
    await this.#inTurn(() => this.#revoking(() => this.#spend(own, this.#revocation(own))))
    return true
  }

  async #anchor(id: string): Promise<void> {
    const issuance = await this.#issuances.find(id)
    if (!issuance || issuance.isSent) return
    let { made } = issuance
    try {
      made ??= await this.#makeAnchor(issuance)
      const { tx, txid, attestations } = made
      // Where the ledger did not say whether it took the transaction, it may have
      if (!(await this.#ledger.knows(txid))) await this.#ledger.send(tx)
      await this.#issuances.update(id, { attestations, isSent: true, failure: undefined })
    } catch (error) {
      const isRefused = error instanceof TransactionRefused
      if (isRefused && made) await this.#discard(made)
      const failure = error instanceof RangeError ? this.#withoutFunds() : messageOf(error)
      await this.#issuances.update(id, { failure, ...(isRefused && { made: undefined }) })
    }
  }

  /** Spends the anchor before, and signs the new one, which is on record before it is sent. */
  async #makeAnchor({ id, publicKey, set, attestations }: Issuance): Promise<AnchorMade> {
    const { clock, secret } = this.#options
    const before: { readonly entry: Issued; readonly revocation: Signed }[] = []
    for (const entry of await this.#anchors.live(publicKey, set)) {
      if (await this.#stands(entry)) before.push({ entry, revocation: this.#revocation(entry) })
    }
    // Nothing is sent before all is signed: without funds, what is attested stays
    const made = anchor({
      attestations,
      keys: this.#keys,
      funds: await this.#ledger.funds(),
      after: before.map(({ revocation }) => revocation),
      network: this.#ledger.network,
    })
    for (const { entry, revocation } of before) await this.#spend(entry, revocation)
    await this.#anchors.insert(issuedOf(made.attestations, clock(), secret), MAX_REVOKED)
    await this.#issuances.update(id, { made })
    return made
  }

  /** Forgets an anchor that the ledger did not take. */
  async #discard({ attestations: [first] }: AnchorMade): Promise<void> {
    if (!first) return
    const { txid, vout } = anchorOf(first)
    await this.#anchors.remove(txid, vout)
  }

  /** Whether an anchor is there to be spent. @throws LedgerUnavailable */
  async #stands({ txid, vout, revoked }: Issued): Promise<boolean> {
    if (revoked || !(await this.#ledger.knows(txid))) return false
    if (!(await this.#ledger.isSpent(txid, vout))) return true
    await this.#anchors.revoke(txid, vout)
    return false
  }

  #revocation({ attested }: Issued): Signed {
    return revokeAttested({ attested, keys: this.#keys })
  }

  async #spend({ txid, vout }: Issued, { tx }: Signed): Promise<void> {
    await this.#ledger.send(tx)
    await this.#anchors.revoke(txid, vout)
  }

  async #revoking(act: () => Promise<void>): Promise<void> {
    try {
      await act()
    } catch (error) {
      throw new HttpError(error instanceof LedgerUnavailable ? 503 : 409, messageOf(error))
    }
  }

  async #confirm(issuance: Issuance): Promise<Issuance> {
    const { id, attestations } = issuance
    const [first] = attestations
    if (!first || !(await this.#ledger.isInBlock(anchorOf(first).txid))) return issuance
    const confirmed = { state: 'attested', attestations: attestations.map(permanent) } as const
    return (await this.#issuances.update(id, confirmed)) ?? { ...issuance, ...confirmed }
  }

  #withoutFunds(): string {
    return `the issuer has too little money on this ledger: pay some to the script ${fundingScript(this.#parties)}`
  }

  #inTurn<T>(act: () => Promise<T>): Promise<T> {
    return this.#turns.take(TURN, act)
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
