import type { EmailStore, Owner } from './partner-stores.ts'

export class MemoryEmails implements EmailStore {
  readonly #owners: () => readonly Owner[]
  readonly #addresses: Map<string, string>

  /**
   * @param owners the owners of all partners
   * @param addresses the addresses by userId
   */
  constructor(owners: () => readonly Owner[], addresses: Map<string, string>) {
    this.#owners = owners
    this.#addresses = addresses
  }

  find(userId: string): Promise<string | undefined> {
    return Promise.resolve(this.#addresses.get(userId))
  }

  put(userId: string, address: string): Promise<boolean> {
    const isOwner = this.#owners().some((owner) => owner.userId === userId)
    if (isOwner) this.#addresses.set(userId, address)
    return Promise.resolve(isOwner)
  }

  remove(userId: string): Promise<void> {
    this.#addresses.delete(userId)
    return Promise.resolve()
  }

  owners(partnerId?: string): Promise<readonly Owner[]> {
    const wanted = this.#owners().filter((owner) => partnerId === undefined || owner.partnerId === partnerId)
    const byName = (one: Owner, other: Owner): number =>
      compare(one.partnerName, other.partnerName) || compare(one.userId, other.userId)
    return Promise.resolve(wanted.sort(byName))
  }
}

/** Compares by code points, as the database sorts. */
function compare(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other))
}
