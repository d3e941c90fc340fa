import { Labels } from 'passport-civic-sip/user-data'
import { dropOldest } from './drop-oldest.ts'
import type { PeopleWallets } from './people-wallets.ts'
import { valuesOf } from './people.ts'
import type { People, Person } from './people.ts'

const MAX_KEYS = 1000
/** Labels whose value belongs to one person. */
const NAMING = [Labels.EMAIL, Labels.DOCUMENT_NUMBER]

/**
 * Which test users the keys and userIds of wallets belong to. The sandbox knows those of the wallets that are open in
 * it. Another wallet's key is known from the first time that it has a test user's details attested.
 */
export class Owners {
  readonly #people: People
  readonly #wallets: PeopleWallets
  /** Extended public key to the id of a test user. */
  readonly #seen = new Map<string, string>()

  constructor(people: People, wallets: PeopleWallets) {
    this.#people = people
    this.#wallets = wallets
  }

  /** Notes whose details a key has attested. */
  see(xpub: string, claims: Readonly<Record<string, string>>): void {
    const isOf = (person: Person): boolean => {
      const values = valuesOf(person)
      return NAMING.some((label) => claims[label] !== undefined && claims[label] === values.get(label))
    }
    const owner = this.#people.list().find(isOf)
    if (!owner) return
    this.#seen.set(xpub, owner.id)
    dropOldest(this.#seen, MAX_KEYS)
  }

  /** Whose extended public key it is. */
  ofKey(xpub: string): Person | undefined {
    return this.#person(this.#wallets.ownerOf(xpub)?.id ?? this.#seen.get(xpub))
  }

  /** Whose userId it is at an app. */
  ofUser(appId: string, userId: string): Person | undefined {
    return this.#person(this.#wallets.userOf(appId, userId)?.id)
  }

  #person(id: string | undefined): Person | undefined {
    return id === undefined ? undefined : this.#people.list().find((person) => person.id === id)
  }
}
