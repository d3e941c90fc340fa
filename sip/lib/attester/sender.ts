import { LedgerUnavailable, TransactionRefused, withAnchor } from 'civic-attestations'
import type { Attestation } from 'civic-attestations'
import { shortly } from '../operations/describe-error.ts'
import type { AnchoringStore, Sending, Variant } from '../store/anchoring.ts'
import type { AnchorStore, IssuanceStore, Patch } from '../store/stores.ts'
import type { Issuance } from './issuance.ts'
import { issuedOf } from './issued.ts'
import type { Issued } from './issued.ts'
import type { IssuerLedger } from './issuer-ledger.ts'
import type { FullPolicy } from './policy.ts'
import { SignerUnavailable } from './signers.ts'

const MAX_REVOKED = 10_000
/** How long a wallet can fetch what is attested, or why it is not. */
export const KEEP_MS = 30 * 24 * 60 * 60 * 1000

export interface SenderParts {
  readonly ledger: IssuerLedger
  readonly store: AnchoringStore
  readonly anchors: AnchorStore
  readonly issuances: IssuanceStore
  readonly policy: FullPolicy
  readonly secret: string
  readonly now: () => number
  /** Called with a line for the operator. */
  readonly log: (line: string) => void
}

/**
 * Sends transactions to the ledger and watches them until they have enough confirmations. If the ledger has forgotten
 * one, it sends it again; if a block is gone, it takes the attestations back. Each step can be repeated, so that a
 * process may die between any two.
 */
export class Sender {
  readonly #parts: SenderParts

  constructor(parts: SenderParts) {
    this.#parts = parts
  }

  /** Stores a transaction with its anchors before it is sent. */
  async keep(sending: Sending): Promise<void> {
    await this.#parts.store.put(sending)
    await this.#place(sending)
  }

  /**
   * Sends a transaction to the ledger, unless the ledger has it.
   * @throws TransactionRefused, after which it is forgotten, except for its revocation
   * @throws LedgerUnavailable, after which it is tried again
   */
  async deliver(sending: Sending): Promise<void> {
    const { ledger, anchors, store } = this.#parts
    const { before, spends } = sending
    const [newest] = sending.variants
    let isBeforeSent = false
    if (!sending.isSent) await this.#place(sending)
    try {
      if (before) {
        await this.#send(before)
        isBeforeSent = true
        await anchors.revoke(spends)
      }
      await this.#send(newest)
    } catch (error) {
      if (error instanceof TransactionRefused) await this.#refused(sending, isBeforeSent)
      throw error
    }
    if (!before && spends.length > 0) await anchors.revoke(spends)
    if (sending.isSent) return
    await this.#tell(sending.trees, newest, ledger.network)
    await store.put({ ...sending, isSent: true })
  }

  /** Checks a transaction's state, and acts on it. */
  async tend(sending: Sending): Promise<'mined' | 'waiting'> {
    const mined = await this.#mined(sending)
    if (!mined) {
      if (sending.depth !== undefined) await this.#unmined(sending)
      const { depth: _, isConfirmed: __, ...unmined } = sending
      await this.deliver(unmined)
      return 'waiting'
    }
    const { store, policy } = this.#parts
    const { variant, depth } = mined
    let current = variant === sending.variants[0] ? sending : await this.adopt(sending, variant)
    if (!current.isSent) await this.deliver(current)
    if (depth >= policy.confirmations && !current.isConfirmed) {
      await this.#place(current)
      await this.#setState(current, 'attested')
      current = { ...current, isConfirmed: true }
    }
    if (depth >= policy.settled) {
      const until = this.#parts.now() + KEEP_MS
      await this.#parts.issuances.update(patchOfAll(current.trees, { until }))
      await store.remove(current.id)
    } else await store.put({ ...current, isSent: true, depth })
    return 'mined'
  }

  /**
   * Makes another variant the current one. Its anchors replace those of the previous one.
   * @returns the updated transaction
   */
  async adopt(sending: Sending, variant: Variant): Promise<Sending> {
    const { store, ledger } = this.#parts
    const rest = sending.variants.filter(({ txid }) => txid !== variant.txid)
    const adopted: Sending = { ...sending, variants: [variant, ...rest] }
    await store.put(adopted)
    await this.#place(adopted)
    await this.#tell(sending.trees, variant, ledger.network)
    return adopted
  }

  /** Ensures an entry for each anchor of the current variant: that of another variant, or a new one. */
  async #place({ variants, trees }: Sending): Promise<void> {
    const { anchors, issuances, ledger, secret, now } = this.#parts
    const [{ tx, txid }] = variants
    const anchor = { tx, network: ledger.network }
    const entries = await anchors.anchoredBy(variants.map((variant) => variant.txid))
    const placed = entries.filter((entry) => entry.txid === txid)
    const earlier = entries.filter((entry) => entry.txid !== txid)
    const missing = [...trees.entries()].filter(([vout]) => !placed.some((entry) => entry.vout === vout))
    const found = await issuances.findAll(missing.map(([, id]) => id))
    const added = missing.flatMap(([vout, id]): Issued[] => {
      const known = earlier.find((entry) => entry.vout === vout)
      if (known) return [{ ...known, txid, attested: { ...known.attested, ...anchor } }]
      const issuance = found.find((one) => one.id === id)
      return issuance ? [issuedOf(withAnchor(issuance.attestations, anchor), now(), secret)] : []
    })
    if (added.length > 0) await anchors.insert(added, MAX_REVOKED)
    if (earlier.length > 0) await anchors.remove(earlier)
  }

  async #send({ txid, tx }: Variant): Promise<void> {
    const { ledger } = this.#parts
    // If the ledger did not respond, it may have accepted the transaction
    if (!(await ledger.knows(txid))) await ledger.send(tx)
  }

  async #mined({ variants }: Sending): Promise<{ variant: Variant; depth: number } | undefined> {
    for (const variant of variants) {
      const depth = await this.#parts.ledger.depth(variant.txid)
      if (depth > 0) return { variant, depth }
    }
    return undefined
  }

  /** The transaction's block is gone, so its attestations no longer count, for now. */
  async #unmined(sending: Sending): Promise<void> {
    const { store, log } = this.#parts
    const [{ txid }] = sending.variants
    log(`attester: the block of ${txid} is gone from the ledger`)
    if (sending.isConfirmed) await this.#setState(sending, 'anchoring')
    const { depth: _, isConfirmed: __, ...rest } = sending
    await store.put(rest)
  }

  /** Forgets a refused transaction; its trees wait again, and its revocation stays. */
  async #refused(sending: Sending, isBeforeSent: boolean): Promise<void> {
    const { store, anchors, now, log } = this.#parts
    const [refused, previous] = sending.variants
    log(`attester: the ledger refuses ${refused.txid}`)
    if (previous) {
      const { variants, ...rest } = await this.adopt(sending, previous)
      await store.put({
        ...rest,
        variants: [previous, ...variants.slice(1).filter((one) => one !== refused)],
      })
      return
    }
    await anchors.remove([...sending.trees.keys()].map((vout) => ({ txid: refused.txid, vout })))
    await store.enqueue(sending.trees, now())
    await store.setApart(sending.trees)
    const { before, spends } = sending
    if (before && isBeforeSent) {
      const revocation = {
        variants: [before],
        spends,
        trees: [],
        funds: [],
        at: now(),
        isSent: true,
      } as const
      await store.put({ id: before.txid, ...revocation })
    }
    await store.remove(sending.id)
  }

  /** Puts an accepted transaction into its attestations. */
  async #tell(trees: readonly string[], { tx }: Variant, network: string): Promise<void> {
    await this.#change(trees, ({ attestations }) => ({
      attestations: withAnchor(attestations, { tx, network }),
      isSent: true,
      failure: undefined,
    }))
  }

  async #setState({ trees }: Sending, state: 'anchoring' | 'attested'): Promise<void> {
    const type = state === 'attested' ? 'permanent' : 'temporary'
    await this.#change(trees, ({ attestations }) => ({
      state,
      attestations: attestations.map((attestation) => withType(attestation, type)),
    }))
  }

  async #change(ids: readonly string[], change: (issuance: Issuance) => Patch<Issuance>): Promise<void> {
    const { issuances } = this.#parts
    const found = await issuances.findAll(ids)
    await issuances.update(new Map(found.map((issuance) => [issuance.id, change(issuance)])))
  }
}

/** The same patch for each of these issuances. */
export function patchOfAll(
  ids: readonly string[],
  patch: Patch<Issuance>,
): ReadonlyMap<string, Patch<Issuance>> {
  return new Map(ids.map((id) => [id, patch]))
}

function withType(attestation: Attestation, type: 'permanent' | 'temporary'): Attestation {
  const { attestation: attested, ...request } = attestation.attn.attestation
  return { ...attestation, attn: { attestation: { ...request, attestation: { ...attested, type } } } }
}

/** Whether a retry may succeed. */
export function isUnavailable(error: unknown): boolean {
  return error instanceof LedgerUnavailable || error instanceof SignerUnavailable
}

/** An error's text for operators and wallets. */
export function messageOf(error: unknown): string {
  return error instanceof LedgerUnavailable ? 'the blockchain cannot be reached' : shortly(error)
}
