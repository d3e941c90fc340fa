/** Accounts in memory, by Civic identity. Put your database here: each identity belongs to one account. */
const owners = new Map()

export const accounts = {
  async find(id) {
    return [...owners.values()].find((account) => account.id === id)
  },

  async findOrCreate(civicId, email) {
    if (!owners.has(civicId)) owners.set(civicId, { id: String(owners.size + 1), email })
    return owners.get(civicId)
  },

  /** @returns false if the identity belongs to another account */
  async link(account, civicId) {
    const owner = owners.get(civicId) ?? account
    owners.set(civicId, owner)
    return owner.id === account.id
  },
}
