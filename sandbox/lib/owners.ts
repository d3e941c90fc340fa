import { Labels } from 'passport-civic-sip/user-data'
import { dropOldest } from './drop-oldest.ts'
import type { PeopleWallets } from './people-wallets.ts'
import { valuesOf } from './people.ts'
import type { People, Person } from './people.ts'

const MAX_KEYS = 1000
/** Labels whose value identifies one person. */
const NAMING = [Labels.EMAIL, Labels.DOCUMENT_NUMBER]

/**
 * Maps the keys and userIds of wallets to test users. The sandbox knows those of its open wallets. It learns another
 * wallet's key when that wallet first has a test user's details attested.
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

  /** Records whose details a key has attested. */
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

  /** The test user of an extended public key. */
  ofKey(xpub: string): Person | undefined {
    return this.#person(this.#wallets.ownerOf(xpub)?.id ?? this.#seen.get(xpub))
  }

  /** The test user of a userId at an app. */
  ofUser(appId: string, userId: string): Person | undefined {
    return this.#person(this.#wallets.userOf(appId, userId)?.id)
  }

  #person(id: string | undefined): Person | undefined {
    return id === undefined ? undefined : this.#people.list().find((person) => person.id === id)
  }
}
