import { randomUUID } from 'node:crypto'
import { draftAnchor, draftRevocation, LedgerUnavailable } from 'civic-attestations'
import type { FundingOutput } from 'civic-attestations'
import { HttpError } from '../http/http.ts'
import { isSame, outputOf } from '../store/anchoring.ts'
import type { AnchoringCounts, Sending, Variant } from '../store/anchoring.ts'
import { attestedIn } from './issuance.ts'
import type { Issuance } from './issuance.ts'
import type { Issued } from './issued.ts'
import { isUnavailable, messageOf, patchOfAll, Sender } from './sender.ts'
import type { SenderParts } from './sender.ts'
import type { Signers } from './signers.ts'
import { TreeQueue } from './tree-queue.ts'

/** Each replacement pays so much more, at least. */
const RAISE = 1.5

export interface AnchoringParts extends SenderParts {
  readonly signers: Signers
  /** Of the keys that the issuer had before, which revoke what they anchored. */
  readonly former?: readonly Anchoring[]
}

/** The state of anchoring, for an operator. */
export interface AnchoringStatus extends AnchoringCounts {
  /** Satoshi; undefined if the ledger is unavailable. */
  readonly balance?: number
  /** The address to pay to. */
  readonly address: string
  /** Why nothing is anchored, or soon will not be. */
  readonly problems: readonly string[]
}

/**
 * Anchors the trees of a queue. Many go in one transaction; for each public key and set there is one live anchor:
 * the one before is spent in the transaction before, whose change this one spends. To be called by one at a time.
 */
export class Anchoring {
  readonly #parts: AnchoringParts
  readonly #sender: Sender
  readonly #queue: TreeQueue

  constructor(parts: AnchoringParts) {
    this.#parts = parts
    this.#sender = new Sender(parts)
    this.#queue = new TreeQueue(parts)
  }

  /** @throws HttpError 503 if too many wait already */
  checkRoom(): Promise<void> {
    return this.#queue.checkRoom()
  }

  /** Has an issuance wait, unless it does. */
  enqueue(id: string): Promise<void> {
    return this.#queue.enqueue(id)
  }

  /** Watches pending transactions, and anchors waiting trees. */
  async work(): Promise<void> {
    await this.#tendAll()
    const tried = new Set<string>()
    for (let group = await this.#queue.next(tried); group.length > 0; group = await this.#queue.next(tried)) {
      for (const { id } of group) tried.add(id)
      // Without money, or the ledger, the next ones would fail too
      if (!(await this.#anchorGroup(group))) return
    }
    // A private ledger makes a block at once
    if (tried.size > 0) await this.#tendAll()
  }

  /**
   * Spends anchors, those of the same keys in one transaction.
   * @throws TransactionRefused, LedgerUnavailable; HttpError 409 if there are anchors of unknown keys, once others are
   *   spent
   */
  async spend(entries: readonly Issued[]): Promise<void> {
    const { former = [] } = this.#parts
    const all = [this, ...former]
    for (const one of all) await one.#spendOwn(entries.filter((entry) => one.isOwn(entry)))
    if (entries.some((entry) => !all.some((one) => one.isOwn(entry))))
      throw new HttpError(409, 'the keys that anchored it are gone: this server cannot revoke it')
  }

  async #spendOwn(own: readonly Issued[]): Promise<void> {
    const { store } = this.#parts
    if (own.length === 0) return
    // One that is on its way already, of which the ledger has not said that it took it
    const isIn = ({ spends }: Sending): boolean =>
      spends.some((output) => own.some((entry) => isSame(entry, output)))
    const pending = (await store.sendings()).filter((sending) => !sending.isSent && isIn(sending))
    for (const sending of pending) await this.#sender.deliver(sending)
    const left = own.filter(
      (entry) => !pending.some(({ spends }) => spends.some((output) => isSame(entry, output))),
    )
    if (left.length === 0) return
    const feeRate = await this.#parts.ledger.feeRate()
    const { variant } = await this.#revocation(left, await this.#parts.ledger.funds(), feeRate)
    const sending = this.#sending({ variants: [variant], spends: left.map(outputOf) })
    await this.#sender.keep(sending)
    await this.#sender.deliver(sending)
  }

  async status(): Promise<AnchoringStatus> {
    const { store, ledger, policy } = this.#parts
    const counts = await store.count()
    const { address } = ledger
    try {
      const balance = await ledger.balance()
      const problems = balance < policy.low ? [`the funds are low: pay some to ${address}`] : []
      return { ...counts, address, balance, problems }
    } catch (error) {
      if (!(error instanceof LedgerUnavailable)) throw error
      return { ...counts, address, problems: [messageOf(error)] }
    }
  }

  async #tendAll(): Promise<void> {
    for (const sending of await this.#parts.store.sendings()) await this.#tend(sending)
  }

  async #tend(sending: Sending): Promise<void> {
    const { policy, now } = this.#parts
    try {
      const state = await this.#sender.tend(sending)
      const { replaceAfter = Infinity } = policy
      if (state === 'waiting' && now() - sending.at >= replaceAfter) await this.#replace(sending)
    } catch (error) {
      await this.#note(sending.isSent ? [] : sending.trees, error)
    }
  }

  /** @returns whether to try others */
  async #anchorGroup(group: readonly Issuance[]): Promise<boolean> {
    const { store } = this.#parts
    const ids = group.map(({ id }) => id)
    try {
      const sending = await this.#makeAnchors(group)
      await this.#sender.keep(sending)
      await store.dequeue(ids)
      await this.#sender.deliver(sending)
      return true
    } catch (error) {
      await this.#note(ids, error)
      if (isUnavailable(error)) return false
      if (!(error instanceof RangeError)) {
        await store.setApart(ids)
        return true
      }
      // The money may be enough for fewer
      return group.length > 1 && this.#anchorGroup(group.slice(0, Math.ceil(group.length / 2)))
    }
  }

  /** Signs everything before anything is sent, so that without funds the current attestations stay. */
  async #makeAnchors(group: readonly Issuance[]): Promise<Sending> {
    const { ledger, anchors, signers, former = [] } = this.#parts
    const standing = await this.standing(await anchors.live(group))
    const earlier = standing.filter((entry) => this.isOwn(entry))
    // Each of the former keys has its money
    for (const one of former) await one.#spendOwn(standing.filter((entry) => one.isOwn(entry)))
    const feeRate = await ledger.feeRate()
    const funds = await ledger.funds()
    const spending = earlier.length > 0 ? await this.#revocation(earlier, funds, feeRate) : undefined
    const rest = spending?.left ?? funds
    const draft = draftAnchor({
      issuer: signers.parties,
      subjects: group.map((issuance) => attestedIn(issuance).subject),
      funds: rest,
      after: spending && [spending.variant],
      feeRate,
    })
    const signed = await signers.sign(draft, { trees: group })
    return this.#sending({
      variants: [{ ...signed, feeRate }],
      ...(spending && { before: spending.variant }),
      spends: earlier.map(outputOf),
      trees: group.map(({ id }) => id),
      funds: rest,
    })
  }

  /** Makes a transaction with the same money and a higher fee, if possible. */
  async #replace(sending: Sending): Promise<void> {
    const { ledger, policy, issuances, anchors, signers, now, log } = this.#parts
    const [newest] = sending.variants
    const feeRate = Math.min(policy.maxFeeRate, Math.max(await ledger.feeRate(), newest.feeRate * RAISE))
    const trees = await issuances.findAll(sending.trees)
    // Only the keys that signed it can sign another one
    if (trees.some((issuance) => !ledger.isOf(attestedIn(issuance)))) return
    const live = (await anchors.anchoredBy([newest.txid])).filter(({ revoked }) => !revoked)
    // A revocation of one of its anchors pays for it, and would be lost with it
    if (trees.length < sending.trees.length || live.length < sending.trees.length) return
    // A node accepts a replacement that also pays for its own relay (BIP 125)
    if (trees.length === 0 || feeRate < newest.feeRate + 1) return
    const { before, funds } = sending
    const share = before ? before.tx.length / newest.tx.length : 0
    const draft = draftAnchor({
      issuer: signers.parties,
      subjects: trees.map((issuance) => attestedIn(issuance).subject),
      funds,
      after: before && [before],
      // What came before pays its old fee: this one pays for both
      feeRate: feeRate + share * (feeRate - (before?.feeRate ?? feeRate)),
    })
    const signed = await signers.sign(draft, { trees })
    log(`attester: ${newest.txid} is replaced by ${signed.txid}, for a higher fee`)
    const replacement = await this.#sender.adopt({ ...sending, at: now() }, { ...signed, feeRate })
    await this.#sender.deliver(replacement)
  }

  /** Whether this issuer's keys can spend the anchor. */
  isOwn({ attested }: Issued): boolean {
    return this.#parts.ledger.isOf(attested)
  }

  /** The anchors that can be spent. @throws LedgerUnavailable */
  async standing(entries: readonly Issued[]): Promise<Issued[]> {
    const { ledger, anchors } = this.#parts
    const live = entries.filter(({ revoked }) => !revoked)
    const known = new Set<string>()
    // Many are in one transaction
    for (const txid of new Set(live.map((entry) => entry.txid))) if (await ledger.knows(txid)) known.add(txid)
    const [standing, spent]: [Issued[], Issued[]] = [[], []]
    for (const entry of live.filter(({ txid }) => known.has(txid)))
      ((await ledger.isSpent(entry.txid, entry.vout)) ? spent : standing).push(entry)
    if (spent.length > 0) await anchors.revoke(spent.map(outputOf))
    return standing
  }

  /** @returns the transaction that spends anchors, and the money that it leaves */
  async #revocation(
    entries: readonly Issued[],
    funds: readonly FundingOutput[],
    feeRate: number,
  ): Promise<{ variant: Variant; left: readonly FundingOutput[] }> {
    const draft = draftRevocation({ attested: entries.map(({ attested }) => attested), feeRate, funds })
    const left = funds.filter(
      (coin) => !draft.inputs.some(({ tx, vout }) => coin.tx === tx && coin.vout === vout),
    )
    return { variant: { ...(await this.#parts.signers.sign(draft, { trees: [] })), feeRate }, left }
  }

  #sending(fields: Pick<Sending, 'variants'> & Partial<Sending>): Sending {
    return { id: randomUUID(), spends: [], trees: [], funds: [], at: this.#parts.now(), ...fields }
  }

  async #note(ids: readonly string[], error: unknown): Promise<void> {
    const { issuances, ledger, log } = this.#parts
    const failure =
      error instanceof RangeError
        ? `the issuer has too little money on this ledger: pay some to the script ${ledger.script}`
        : messageOf(error)
    log(`attester: ${failure}`)
    if (ids.length > 0) await issuances.update(patchOfAll(ids, { failure }))
  }
}
