import type { DomainProof, ProofStore, Review, ReviewStore } from './partner-stores.ts'
import { patched } from './patched.ts'
import { UndoableMap } from './undoable.ts'

export class MemoryProofs implements ProofStore {
  readonly #proofs = new UndoableMap<string, DomainProof>()

  list(appId: string): Promise<readonly DomainProof[]> {
    const own = [...this.#proofs.values()].filter((proof) => proof.appId === appId)
    return Promise.resolve(own.sort((one, other) => (one.host < other.host ? -1 : 1)))
  }

  find(appId: string, host: string): Promise<DomainProof | undefined> {
    return Promise.resolve(this.#proofs.get(keyOf(appId, host)))
  }

  async wait(proof: DomainProof, max: number): Promise<DomainProof | undefined> {
    const { appId, host, waiting } = proof
    const kept = this.#proofs.get(keyOf(appId, host))
    if (!kept && (await this.list(appId)).length >= max) return undefined
    const entries = [...new Set([...(kept?.waiting ?? []), ...waiting])]
    const now = kept ? { ...kept, waiting: entries } : proof
    this.#proofs.set(keyOf(appId, host), now)
    return now
  }

  update(
    appId: string,
    host: string,
    { waiting, provedAt, nextCheckAt, lostAt }: Parameters<ProofStore['update']>[2],
  ): Promise<DomainProof | undefined> {
    const kept = this.#proofs.get(keyOf(appId, host))
    const now = kept && patched(kept, { waiting, provedAt, nextCheckAt, lostAt })
    if (now) this.#proofs.set(keyOf(appId, host), now)
    return Promise.resolve(now)
  }

  remove(appId: string, host: string): Promise<void> {
    this.#proofs.delete(keyOf(appId, host))
    return Promise.resolve()
  }

  async removeAll(appId: string): Promise<void> {
    for (const { host } of await this.list(appId)) await this.remove(appId, host)
  }

  due(now: number, until: number, max: number): Promise<readonly DomainProof[]> {
    const isDue = ({ nextCheckAt }: DomainProof): boolean => nextCheckAt !== undefined && nextCheckAt <= now
    const due = [...this.#proofs.values()].filter(isDue).slice(0, max)
    const taken = due.map((proof) => ({ ...proof, nextCheckAt: until }))
    for (const proof of taken) this.#proofs.set(keyOf(proof.appId, proof.host), proof)
    return Promise.resolve(taken)
  }
}

function keyOf(appId: string, host: string): string {
  return `${appId} ${host}`
}

export class MemoryReviews implements ReviewStore {
  readonly #reviews = new UndoableMap<string, Review>()

  put(review: Review): Promise<void> {
    this.#reviews.set(review.appId, review)
    return Promise.resolve()
  }

  find(appId: string): Promise<Review | undefined> {
    return Promise.resolve(this.#reviews.get(appId))
  }

  waiting(): Promise<readonly Review[]> {
    const all = [...this.#reviews.values()].filter(({ refusal }) => refusal === undefined)
    return Promise.resolve(all.sort((one, other) => one.askedAt - other.askedAt))
  }

  take(appId: string, askedAt: number): Promise<Review | undefined> {
    const review = this.#asked(appId, askedAt)
    if (review) this.#reviews.delete(appId)
    return Promise.resolve(review)
  }

  refuse(appId: string, askedAt: number, refusal: string): Promise<boolean> {
    const review = this.#asked(appId, askedAt)
    if (review) this.#reviews.set(appId, { ...review, refusal })
    return Promise.resolve(review !== undefined)
  }

  remove(appId: string): Promise<void> {
    this.#reviews.delete(appId)
    return Promise.resolve()
  }

  #asked(appId: string, askedAt: number): Review | undefined {
    const review = this.#reviews.get(appId)
    return review?.askedAt === askedAt && review.refusal === undefined ? review : undefined
  }
}
