import * as v from 'valibot'

const FILLED = 'a text that is not empty'
const Text = v.exactOptional(
  v.pipe(
    v.string(FILLED),
    v.check((text) => text !== '' && !/\p{Surrogate}/u.test(text), FILLED),
  ),
)

/** A group of optional strings. */
function texts<E extends v.ObjectEntries>(where: string, entries: E) {
  return v.strictObject(entries, ({ expected, path }) => {
    const key = path?.at(-1)?.key
    if (expected !== 'never') return 'a name, or an object that describes a test user'
    return `${where}: there is no property ${JSON.stringify(key)}; use ${Object.keys(entries).join(', ')}`
  })
}

const IdentityDocument = texts('user.document', {
  type: Text,
  number: Text,
  name: Text,
  dateOfBirth: Text,
  dateOfIssue: Text,
  dateOfExpiry: Text,
  country: Text,
  image: Text,
})
const Address = texts('user.address', { street: Text, city: Text, postalCode: Text, country: Text })

/** The description of a test user. */
export const Description = texts('user', {
  id: Text,
  name: Text,
  email: Text,
  phoneNumber: Text,
  dateOfBirth: Text,
  document: v.exactOptional(IdentityDocument),
  address: v.exactOptional(Address),
})
/** Wrapped, so that errors name the property as a part of `user`. */
export const Described = v.object({ user: Description })
