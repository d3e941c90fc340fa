import { issue } from 'civic-attestations'
import type { Subject, Tree } from 'civic-attestations'
import type { AttestationSet } from 'passport-civic-sip/user-data'
import { HttpError } from '../http/http.ts'
import { logFailure } from '../operations/describe-error.ts'
import type { AnchoringStore } from '../store/anchoring.ts'
import type { Clock } from '../store/expiring-map.ts'
import { MemoryAnchoring } from '../store/memory-anchoring.ts'
import { MemoryIssuances } from '../store/memory-issuances.ts'
import { MemoryTurns } from '../store/memory-turns.ts'
import type { AnchorStore, IssuanceStore, Turns } from '../store/stores.ts'
import { unref } from '../timers.ts'
import { Anchoring } from './anchoring.ts'
import type { AnchoringParts, AnchoringStatus } from './anchoring.ts'
import type { Issuance } from './issuance.ts'
import { markOf, NAMING_LABELS, personOf, proofOf } from './issued.ts'
import type { Issued } from './issued.ts'
import { IssuerLedger } from './issuer-ledger.ts'
import type { IssuerChain } from './issuer-ledger.ts'
import { withDefaults } from './policy.ts'
import type { AnchoringPolicy, FullPolicy } from './policy.ts'
import { isUnavailable, messageOf } from './sender.ts'
import type { Approval } from '../documents/review-text.ts'
import { localSigners } from './signers.ts'
import type { Signers } from './signers.ts'
import { publicKeyOf } from './xpub.ts'

const MAX_ISSUANCES = 20_000
/** The turn for making transactions: two processes must not spend the same funds. */
export const ISSUER_TURN = 'issuer'

/** What an issuer used before. */
export interface FormerKeys {
  readonly signers: readonly Signers[]
  /** As `IssuerOptions.secret`. */
  readonly secrets: readonly string[]
}

export interface IssuerOptions {
  /** The server's secret. Values that identify people are hashed with it. */
  readonly secret: string
  /** Signs for the issuer. Default: keys that derive from `secret`. */
  readonly signers?: Signers
  /** What the issuer signed and hashed with before its keys were replaced: it can revoke what it attested then. */
  readonly former?: FormerKeys
  readonly chain: IssuerChain
  readonly policy?: AnchoringPolicy
  readonly anchors: AnchorStore
  /** Default: in memory, for one process. */
  readonly issuances?: IssuanceStore
  readonly anchoring?: AnchoringStore
  readonly turns?: Turns
  readonly clock: Clock
  /** Called with a line for the operator. Default: none. */
  readonly log?: ((line: string) => void) | undefined
}

export interface NewIssuance {
  /** The id of the issuance. */
  readonly id: string
  readonly set: AttestationSet
  readonly tree: Tree
  readonly subject: Subject
  /** The reviewer's approval of the document. */
  readonly approval?: Approval
}

/**
 * Anchors verified claims on the ledger, and revokes them. Each public key and set has one live anchor: the previous
 * one is spent first.
 */
export class Issuer {
  readonly #options: IssuerOptions
  readonly #signers: Signers
  readonly #policy: FullPolicy
  readonly #anchoring: Anchoring
  readonly #anchors: AnchorStore
  readonly #issuances: IssuanceStore
  readonly #turns: Turns
  #timer: NodeJS.Timeout | undefined

  constructor(options: IssuerOptions) {
    const { secret, chain, anchors, clock: now, log = () => undefined } = options
    this.#options = options
    this.#signers = options.signers ?? localSigners(secret)
    this.#policy = withDefaults(options.policy ?? {})
    this.#anchors = anchors
    this.#issuances = options.issuances ?? new MemoryIssuances()
    this.#turns = options.turns ?? new MemoryTurns()
    const parts = {
      store: options.anchoring ?? new MemoryAnchoring(),
      issuances: this.#issuances,
      policy: this.#policy,
      ...{ anchors, secret, now, log },
    }
    const signedBy = (signers: Signers): Pick<AnchoringParts, 'signers' | 'ledger'> => ({
      signers,
      ledger: new IssuerLedger(chain, signers, this.#policy),
    })
    const former = (options.former?.signers ?? []).map(
      (signers) => new Anchoring({ ...parts, ...signedBy(signers) }),
    )
    this.#anchoring = new Anchoring({ ...parts, ...signedBy(this.#signers), former })
  }

  /** The xpubs that verifiers must trust. */
  get authorities(): string[] {
    return [this.#signers.parties.authority.xpub]
  }

  /** Starts regular work on the queue, if the policy has an interval. */
  run(): void {
    const { every } = this.#policy
    if (every === undefined) return
    this.#timer ??= unref(setInterval(() => this.#workSoon(), every))
    this.#workSoon()
  }

  /** Stops that, after running work is done. */
  async close(): Promise<void> {
    if (!this.#timer) return
    clearInterval(this.#timer)
    this.#timer = undefined
    await this.#inTurn(() => Promise.resolve())
  }

  /** Watches pending transactions and anchors waiting trees, one round of `run`. */
  work(): Promise<void> {
    return this.#inTurn(() => this.#anchoring.work())
  }

  /** Forgets what was attested, or refused, long ago: what is anchored stays anchored. */
  sweep(): Promise<void> {
    return this.#issuances.sweep(this.#options.clock())
  }

  /** How anchoring stands. */
  status(): Promise<AnchoringStatus> {
    return this.#anchoring.status()
  }

  /** Newest first. */
  async list(): Promise<readonly Issued[]> {
    return (await this.#anchors.list()).toReversed()
  }

  /**
   * Makes attestations of verified claims. Nothing is stored or sent before `start`.
   * @param request.tree the tree that the caller made of the verified claims
   * @param request.subject the wallet's signature of its root
   * @throws AttestationError if the signature is not over this tree and set, or the tree not exactly its leaves
   */
  issue({ id, set, tree, subject, approval }: NewIssuance): Issuance {
    const attestations = issue({ label: set, claims: tree, subject, ...this.#signers.parties })
    const publicKey = publicKeyOf(subject.xpub)
    return { id, set, publicKey, state: 'anchoring', attestations, ...(approval && { approval }) }
  }

  /**
   * Queues an issuance for anchoring; `refresh` returns its state.
   * @returns false if there is one with this id
   * @throws HttpError 503 if too many wait already
   */
  async start(issuance: Issuance): Promise<boolean> {
    await this.#anchoring.checkRoom()
    if (!(await this.#issuances.insert(issuance, MAX_ISSUANCES))) return false
    await this.#anchoring.enqueue(issuance.id)
    if (this.#policy.every === undefined) this.#workSoon()
    return true
  }

  /** @returns undefined if there is no such issuance */
  find(id: string): Promise<Issuance | undefined> {
    return this.#issuances.find(id)
  }

  /** The state of an issuance. If it could not be anchored, tries again, unless `run` does that. */
  async refresh(id: string): Promise<Issuance | undefined> {
    const issuance = await this.#issuances.find(id)
    if (issuance?.state !== 'anchoring') return issuance
    // A process may have died after it kept the issuance
    if (!issuance.isSent) await this.#anchoring.enqueue(id)
    if (this.#policy.every !== undefined) return issuance
    await this.work()
    return this.#issuances.find(id)
  }

  /** Whether this value is currently attested to this key. */
  async isProven(publicKey: string, set: string, label: string, value: string): Promise<boolean> {
    const proof = proofOf(this.#options.secret, label, value)
    return (await this.#anchors.live([{ publicKey, set }])).some(({ proven }) => proven[label] === proof)
  }

  /**
   * Revokes an anchored tree with all its labels, and all other anchors of the same email address or document, which a
   * person can have attested to several keys.
   * @throws HttpError 404, 409 if it is revoked already, or on another ledger; 503 if the ledger cannot be reached
   */
  async revoke({ txid, vout }: { readonly txid: string; readonly vout: number }): Promise<void> {
    const issued = await this.#anchors.find(txid, vout)
    if (!issued) throw new HttpError(404, 'no attestation is anchored there')
    if (issued.revoked) throw new HttpError(409, 'the attestation is revoked already')
    await this.#inTurn(() =>
      this.#revoking(async () => {
        const others = await this.#anchoring.standing(await this.#anchors.marked(personOf(issued)))
        const isOther = ({ txid, vout }: Issued): boolean => txid !== issued.txid || vout !== issued.vout
        await this.#anchoring.spend([issued, ...others.filter(isOther)])
      }),
    )
  }

  /**
   * Revokes all anchors of an email address, phone number or document number.
   * @returns how many anchors were spent
   * @throws HttpError 400 if the label identifies nobody; 409 if the keys of some are gone, after the others are
   *   revoked; 503 if the ledger cannot be reached
   */
  async revokeMatching(label: string, value: string): Promise<number> {
    if (!NAMING_LABELS.includes(label)) throw new HttpError(400, `label: one of ${NAMING_LABELS.join(', ')}`)
    const { secret, former } = this.#options
    const marks = [secret, ...(former?.secrets ?? [])].flatMap((each) => markOf(each, label, value) ?? [])
    let count = 0
    await this.#inTurn(() =>
      this.#revoking(async () => {
        const marked: Issued[] = []
        for (const mark of marks) marked.push(...(await this.#anchors.marked({ [label]: mark })))
        const entries = await this.#anchoring.standing(marked)
        // Fails after it has spent what it can
        await this.#anchoring.spend(entries)
        count = entries.length
      }),
    )
    return count
  }

  /**
   * Revokes the attestations of a key at its owner's request.
   * @param isMeant whether the anchor whose tree has this root should be revoked
   * @returns false if nothing was found
   * @throws HttpError as for `revoke`
   */
  async revokeOwn(publicKey: string, set: string, isMeant: (root: string) => boolean): Promise<boolean> {
    const own = (await this.#anchors.live([{ publicKey, set }])).find(({ attested }) =>
      isMeant(attested.subject.data),
    )
    if (!own) return false
    await this.#inTurn(() => this.#revoking(() => this.#anchoring.spend([own])))
    return true
  }

  async #revoking(act: () => Promise<void>): Promise<void> {
    try {
      await act()
    } catch (error) {
      throw new HttpError(isUnavailable(error) ? 503 : 409, messageOf(error))
    }
  }

  #workSoon(): void {
    this.work().catch(logFailure)
  }

  #inTurn<T>(act: () => Promise<T>): Promise<T> {
    return this.#turns.take(ISSUER_TURN, act)
  }
}
