import { AUTHORITY, HOUR_MS } from './store.ts'
import type { CosignerStore, Refusal, SigningClaim } from './store.ts'

export class MemoryCosigner implements CosignerStore {
  readonly #settings = new Map<string, string>()
  readonly #former = new Set<string>()
  readonly #proofs = new Map<string, { readonly at: number; readonly isUsed: boolean }>()
  readonly #anchors = new Map<string, string>()
  #signings: { readonly at: number; readonly anchors: number; readonly fee: number }[] = []

  once(name: string, value: string): Promise<string> {
    const kept = this.#settings.get(name) ?? value
    this.#settings.set(name, kept)
    return Promise.resolve(kept)
  }

  replace(name: string, value: string): Promise<void> {
    this.#settings.set(name, value)
    return Promise.resolve()
  }

  replaceAuthority(): Promise<boolean> {
    const xpub = this.#settings.get(AUTHORITY)
    if (xpub !== undefined) this.#former.add(xpub)
    return Promise.resolve(this.#settings.delete(AUTHORITY))
  }

  isFormerAuthority(xpub: string): Promise<boolean> {
    return Promise.resolve(this.#former.has(xpub))
  }

  prove(proof: string, now: number): Promise<void> {
    this.#proofs.set(proof, { at: now, isUsed: false })
    return Promise.resolve()
  }

  claim({ subjects, fee, now, limits }: SigningClaim): Promise<Refusal | undefined> {
    const known = subjects.filter(({ subject }) => this.#anchors.has(subject))
    if (known.some(({ subject, outpoint }) => this.#anchors.get(subject) !== outpoint)) {
      return Promise.resolve('anchored')
    }
    const fresh = subjects.filter((claim) => !known.includes(claim))
    const used = fresh.flatMap(({ proofs, approvals }) => [...proofs, ...approvals])
    const isMissing = fresh.some(({ proofs, approvals }) => {
      const isGiven = proofs.every((proof) => this.#proofs.get(proof)?.isUsed === false)
      return !isGiven || approvals.some((proof) => this.#proofs.has(proof))
    })
    if (isMissing || new Set(used).size < used.length) return Promise.resolve('evidence')
    const recent = this.#signings.filter(({ at }) => at > now - HOUR_MS)
    const all = [...recent, { at: now, anchors: fresh.length, fee }]
    const sum = (of: (one: (typeof all)[number]) => number): number =>
      all.reduce((total, one) => total + of(one), 0)
    if (sum((one) => one.anchors) > limits.anchors || sum((one) => one.fee) > limits.fee) {
      return Promise.resolve('limit')
    }
    this.#signings = all
    for (const { subject, outpoint } of fresh) this.#anchors.set(subject, outpoint)
    for (const proof of fresh.flatMap(({ proofs }) => proofs)) this.#proofs.delete(proof)
    for (const proof of fresh.flatMap(({ approvals }) => approvals))
      this.#proofs.set(proof, { at: now, isUsed: true })
    return Promise.resolve(undefined)
  }

  sweep(before: number): Promise<void> {
    for (const [proof, { at, isUsed }] of this.#proofs) {
      if (!isUsed && at <= before) this.#proofs.delete(proof)
    }
    this.#signings = this.#signings.filter(({ at }) => at > before)
    return Promise.resolve()
  }
}
