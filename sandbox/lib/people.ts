import { HttpError, read } from 'civic-sip-server/http'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { canonicalJson } from 'passport-civic-sip/crypto'
import { Labels } from 'passport-civic-sip/user-data'
import { Described } from './description.ts'
import { dropOldest } from './drop-oldest.ts'

export interface IdentityDocument {
  readonly type: string
  readonly number: string
  readonly name: string
  /** Dates are YYYY-MM-DD. */
  readonly dateOfBirth: string
  readonly dateOfIssue: string
  readonly dateOfExpiry: string
  /** ISO 3166-1 alpha-3. */
  readonly country: string
  /** A JPEG in base64. */
  readonly image: string
}

export interface Address {
  readonly street: string
  readonly city: string
  readonly postalCode: string
  readonly country: string
}

/** A test user. */
export interface Person {
  readonly id: string
  readonly name: string
  readonly email: string
  readonly phoneNumber: string
  readonly document: IdentityDocument
  readonly address: Address
}

/**
 * A test's description of a test user; the sandbox fills in the rest. The same description gives the same test user.
 */
export interface PersonDescription {
  /** Any text that distinguishes two people with the same description. */
  readonly id?: string
  readonly name?: string
  readonly email?: string
  readonly phoneNumber?: string
  readonly dateOfBirth?: string
  readonly document?: Partial<IdentityDocument>
  readonly address?: Partial<Address>
}

const MAX_DESCRIBED = 1000
const SPECIMEN_CARD = readFileSync(new URL('../assets/specimen-card.jpg', import.meta.url)).toString('base64')

const RESIDENTS: Readonly<Record<string, PersonDescription>> = {
  alice: { name: 'Alice Archer', dateOfBirth: '1984-02-29' },
  bob: { name: 'Bob Baker', dateOfBirth: '1971-11-03' },
  carol: { name: 'Carol Cooper', dateOfBirth: '1999-07-21' },
}

/** The sandbox's test users: the first three, and those that tests have described. */
export class People {
  readonly #described: Map<string, PersonDescription>
  /** The changes to each person, by id. */
  readonly #edits: Map<string, PersonDescription>
  readonly #changed: () => void

  constructor(
    described: readonly PersonDescription[],
    changed: () => void,
    edits: Readonly<Record<string, PersonDescription>> = {},
  ) {
    this.#described = new Map(described.map((description) => [idOf(description), description]))
    this.#edits = new Map(Object.entries(edits))
    this.#changed = changed
  }

  list(): Person[] {
    return [...Object.entries(RESIDENTS), ...this.#described].map(([id, description]) =>
      this.#person(id, description),
    )
  }

  /** For the state file. */
  descriptions(): PersonDescription[] {
    return [...this.#described.values()]
  }

  /** For the state file. */
  edits(): Record<string, PersonDescription> {
    return Object.fromEntries(this.#edits)
  }

  /**
   * @param user the id or name of an existing person; the name or email address of a new one; or a description.
   *   Default: alice
   * @throws InputError that names the wrong property
   */
  get(user: string | PersonDescription = 'alice'): Person {
    if (typeof user !== 'string') return this.describe(user)
    const wanted = user.toLowerCase()
    const isWanted = ({ id, name }: Person): boolean => id === wanted || name.toLowerCase() === wanted
    return this.list().find(isWanted) ?? this.describe(user.includes('@') ? { email: user } : { name: user })
  }

  /** @throws HttpError 404 */
  known(id: string): Person {
    const person = this.list().find((other) => other.id === id)
    if (!person) throw new HttpError(404, 'the sandbox knows no such person')
    return person
  }

  /** @throws InputError that names the wrong property */
  describe(user: unknown): Person {
    const { user: description } = read(Described, { user })
    const id = idOf(description)
    // Moves the person to the end, so that the least recently used one is dropped first
    const isNew = !this.#described.delete(id)
    this.#described.set(id, description)
    dropOldest(this.#described, MAX_DESCRIBED)
    if (isNew) this.#changed()
    return this.#person(id, description)
  }

  /**
   * Changes a person's details. The id, and with it the wallet, stays.
   * @throws HttpError 404, InputError that names the wrong property
   */
  edit(id: string, user: unknown): Person {
    this.known(id)
    const { user: change } = read(Described, { user })
    this.#edits.set(id, merged(this.#edits.get(id) ?? {}, change))
    dropOldest(this.#edits, MAX_DESCRIBED)
    this.#changed()
    return this.known(id)
  }

  #person(id: string, description: PersonDescription): Person {
    const edit = this.#edits.get(id)
    return complete(id, edit ? merged(description, edit) : description)
  }
}

function merged(before: PersonDescription, change: PersonDescription): PersonDescription {
  return {
    ...before,
    ...change,
    document: { ...before.document, ...change.document },
    address: { ...before.address, ...change.address },
  }
}

/** Every label that the person can share, with its value. */
export function valuesOf(person: Person): ReadonlyMap<string, string> {
  const { document, address } = person
  return new Map([
    [Labels.EMAIL, person.email],
    [Labels.PHONE_NUMBER, person.phoneNumber],
    [Labels.IDENTITY_LEVEL, 'CIVIC:IAL1'],
    [Labels.DOCUMENT_TYPE, document.type],
    [Labels.DOCUMENT_NUMBER, document.number],
    [Labels.DOCUMENT_NAME, document.name],
    [Labels.DOCUMENT_DATE_OF_BIRTH, document.dateOfBirth],
    [Labels.DOCUMENT_DATE_OF_ISSUE, document.dateOfIssue],
    [Labels.DOCUMENT_DATE_OF_EXPIRY, document.dateOfExpiry],
    [Labels.DOCUMENT_IMAGE, document.image],
    [Labels.DOCUMENT_IMAGE_MD5, createHash('md5').update(document.image, 'base64').digest('hex')],
    [Labels.DOCUMENT_COUNTRY, document.country],
    [Labels.ADDRESS_STREET, address.street],
    [Labels.ADDRESS_CITY, address.city],
    [Labels.ADDRESS_POSTAL_CODE, address.postalCode],
    [Labels.ADDRESS_COUNTRY, address.country],
  ])
}

function idOf(description: PersonDescription): string {
  return `p${createHash('sha256').update(canonicalJson(description)).digest('hex').slice(0, 16)}`
}

/** Fills in missing details, always in the same way. */
function complete(
  id: string,
  { name, email, phoneNumber, dateOfBirth, document, address }: PersonDescription,
): Person {
  const digest = createHash('sha256').update(id).digest()
  const digits = String(digest.readUInt32BE(0) % 1_000_000_000).padStart(9, '0')
  const fullName = name ?? email?.split('@', 1)[0] ?? `Person ${digits}`
  return {
    id,
    name: fullName,
    email: email ?? `${addressable(fullName) || id}@example.org`,
    // 555-0100 to 555-0199 are reserved for fiction.
    phoneNumber: phoneNumber ?? `+1 202 555 01${digits.slice(0, 2)}`,
    document: {
      type: 'ID Card',
      number: `UT${digits}`,
      name: fullName,
      dateOfBirth: dateOfBirth ?? '1990-01-01',
      dateOfIssue: '2024-05-01',
      dateOfExpiry: '2034-04-30',
      country: 'UTO',
      image: SPECIMEN_CARD,
      ...document,
    },
    address: {
      street: '1 Harbour Road',
      city: 'Amaurot',
      postalCode: digits.slice(0, 5),
      country: 'UTO',
      ...address,
    },
  }
}

function addressable(name: string): string {
  return name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '.')
    .replace(/^\.+|\.+$/g, '')
}
