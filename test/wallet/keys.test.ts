import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { HDKey } from '@scure/bip32'
import { Wallet } from 'civic-wallet'
import { WalletKeys, readSeed } from '../../wallet/lib/keys.ts'

const SEED = '000102030405060708090a0b0c0d0e0f'
const WORDS = 'abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about'

describe("a wallet's keys", () => {
  const keys = new WalletKeys(readSeed(undefined, SEED))

  it('hold the vector of the wallet protocol', () => {
    const key = keys.site('https://shop.example')
    assert.equal(key.userKey, '037d1d76867a9373cb64cdbaa0feb398c6e232ba8f3fd59025ca23074ef9bcb451')
    assert.equal(key.userId, '9b6d964f094e70319052aea72676f20cb2771a1aeb1a1ad9fb4abad1cb30a5c9')
    const path = "m/2017'/1'/485420783'/762640853'/990483765'/1171306661'"
    const expected = HDKey.fromMasterSeed(Buffer.from(SEED, 'hex')).derive(path)
    assert.equal(key.xprv, expected.privateExtendedKey)
    assert.equal(key.userId, createHash('sha256').update(key.userKey, 'hex').digest('hex'))
  })

  it('differ for each client', () => {
    const clients = ['https://shop.example', 'https://shop.example:8443', 'https://bank.example', 'ab12 app']
    assert.equal(new Set(clients.map((client) => keys.site(client).userKey)).size, clients.length)
  })

  it('are one for each set of attestations, and two of them share only constants', () => {
    const master = HDKey.fromMasterSeed(Buffer.from(SEED, 'hex'))
    const sets = ['attCivicBasic', 'attCivicIdentity', 'attCivicResidence'] as const
    const xpubs = sets.map((set) => keys.subject(set).xpub)
    for (const [n, xpub] of xpubs.entries()) {
      const read = HDKey.fromExtendedKey(xpub)
      const expected = master.derive(`m/2017'/2'/${n}'`)
      assert.deepEqual(read.publicKey, expected.publicKey)
      assert.deepEqual(read.chainCode, expected.chainCode)
      assert.deepEqual([read.depth, read.index, read.parentFingerprint], [0, 0, 0])
    }
    assert.equal(new Set(xpubs).size, 3)
  })
})

describe("a wallet's seed", () => {
  it('derives from its words, with any spacing and case', () => {
    // The vector of BIP-39 for these words without a passphrase
    const seed = '5eb00bbddcf069084889a8ab9155568165f5c453ccb85e70811aaed6f6da5fc1'
    const spaced = `  ${WORDS.toUpperCase().replaceAll(' ', '\n ')} `
    assert.equal(Buffer.from(readSeed(spaced, undefined)).toString('hex').slice(0, 64), seed)
  })

  it('is bytes or their hex', () => {
    assert.deepEqual(readSeed(undefined, SEED), readSeed(undefined, Buffer.from(SEED, 'hex')))
  })

  for (const [what, options] of Object.entries({
    'neither words nor seed': {},
    'both words and seed': { mnemonic: WORDS, seed: SEED },
    'words with a wrong checksum': { mnemonic: WORDS.replace('about', 'abandon') },
    'a seed of 15 bytes': { seed: SEED.slice(2) },
    'a seed of 65 bytes': { seed: new Uint8Array(65) },
    'a seed that is no hex': { seed: 'z'.repeat(32) },
  })) {
    it(`is refused as ${what}, without being shown`, () => {
      assert.throws(
        () => new Wallet(options),
        (error: Error) => error instanceof TypeError && !/abandon|0102|zz/.test(error.message),
      )
    })
  }
})
