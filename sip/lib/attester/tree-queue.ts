import { HttpError } from '../http/http.ts'
import { attestedIn } from './issuance.ts'
import type { Issuance } from './issuance.ts'
import { KEEP_MS, patchOfAll } from './sender.ts'
import type { SenderParts } from './sender.ts'

const MAX_WAITING = 5_000
/** How long a tree is tried: as long as a cosigner keeps evidence that was not used. */
const TRIED_MS = 7 * 24 * 60 * 60 * 1000

type TreeQueueParts = Pick<SenderParts, 'ledger' | 'store' | 'issuances' | 'policy' | 'now'>

/** The trees that wait for an anchor, and which of them go into one transaction. */
export class TreeQueue {
  readonly #parts: TreeQueueParts

  constructor(parts: TreeQueueParts) {
    this.#parts = parts
  }

  /** @throws HttpError 503 if too many wait already */
  async checkRoom(): Promise<void> {
    const { waiting } = await this.#parts.store.count()
    if (waiting >= MAX_WAITING) {
      throw new HttpError(503, 'too many attestations are waiting to be anchored', { 'Retry-After': '600' })
    }
  }

  /** Has an issuance wait, unless it does. */
  enqueue(id: string): Promise<void> {
    const { store, now } = this.#parts
    return store.enqueue([id], now())
  }

  /** The next trees to anchor together. */
  async next(tried: ReadonlySet<string>): Promise<readonly Issuance[]> {
    const { store, issuances, policy, now } = this.#parts
    const sendings = await store.sendings()
    const underWay = sendings.filter(({ depth }) => depth === undefined).flatMap(({ trees }) => trees)
    if (policy.replaceAfter !== undefined && underWay.length > 0) {
      const others = (await issuances.findAll(underWay)).filter((issuance) => !this.#isOwnTree(issuance))
      if (underWay.length > others.length) return []
    }
    const sent = new Set(sendings.flatMap(({ trees }) => trees))
    const all = await store.waiting(policy.maxTrees + tried.size + sent.size)
    // A process died before it took them out
    const done = all.filter(({ id }) => sent.has(id))
    if (done.length > 0) await store.dequeue(done.map(({ id }) => id))
    const left = all.filter(({ id }) => !tried.has(id) && !sent.has(id))
    const over = left.filter(({ since }) => now() - since >= TRIED_MS)
    if (over.length > 0) await this.#giveUp(over.map(({ id }) => id))
    const waiting = left.filter((tree) => !over.includes(tree))
    const [first] = waiting
    if (!first) return []
    const together = waiting.filter(({ isAlone }) => !isAlone).slice(0, policy.maxTrees)
    const isEarly = together.every(({ since }) => now() - since < policy.groupFor)
    if (!first.isAlone && isEarly && policy.groupFor > 0 && together.length < policy.maxTrees) return []
    const ids = (first.isAlone ? [first] : together).map(({ id }) => id)
    const group = new Map<string, Issuance>()
    let size = 0
    for (const issuance of await this.#stillOpen(ids)) {
      size += Buffer.byteLength(JSON.stringify(issuance.attestations))
      if (group.size > 0 && size > policy.maxBytes) break
      // Two of one key and set cannot go together: the later spends the earlier
      if (!group.has(subjectOf(issuance))) group.set(subjectOf(issuance), issuance)
    }
    return group.size > 0 ? [...group.values()] : this.next(tried)
  }

  /** Those of these issuances that need an anchor. The others leave the queue. */
  async #stillOpen(ids: readonly string[]): Promise<readonly Issuance[]> {
    const { store, issuances } = this.#parts
    const open = (await issuances.findAll(ids)).filter(({ state }) => state === 'anchoring')
    // They were anchored, or given up, while somebody asked for them
    const ended = ids.filter((id) => !open.some((issuance) => issuance.id === id))
    if (ended.length > 0) await store.dequeue(ended)
    const ours = open.filter((issuance) => this.#isOwnTree(issuance))
    // The others' attestations name keys that are replaced: an anchor by ours would prove nothing
    const others = open.filter((issuance) => !ours.includes(issuance)).map(({ id }) => id)
    if (others.length > 0)
      await this.#giveUp(others, 'the keys of the attester were replaced: ask for it again')
    return ours
  }

  /** Else the queue would be full one day of trees that nothing can be done about. */
  async #giveUp(ids: readonly string[], failure?: string): Promise<void> {
    const { store, issuances, now } = this.#parts
    const why = failure === undefined ? {} : { failure }
    await issuances.update(patchOfAll(ids, { state: 'refused', until: now() + KEEP_MS, ...why }))
    await store.dequeue(ids)
  }

  /** Whether its attestations name this issuer's keys. */
  #isOwnTree(issuance: Issuance): boolean {
    return this.#parts.ledger.isOf(attestedIn(issuance))
  }
}

function subjectOf({ publicKey, set }: Issuance): string {
  return JSON.stringify([publicKey, set])
}
