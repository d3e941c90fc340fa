import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import { HDKey } from '@scure/bip32'
import { mnemonicToSeedSync, validateMnemonic } from '@scure/bip39'
import { wordlist } from '@scure/bip39/wordlists/english.js'
import { SETS } from './sets.ts'
import type { AttestationSet } from './sets.ts'

/** The key that identifies a person at one site. */
export interface SiteKey {
  /** The extended private key, for signing. It never leaves the wallet. */
  readonly xprv: string
  /** Compressed public key, 66 hex digits. */
  readonly userKey: string
  /** SHA-256 of the public key's 33 bytes, 64 hex digits. */
  readonly userId: string
}

/** The key that one set's attestations are issued to. */
export interface SubjectKey {
  readonly xprv: string
  readonly xpub: string
}

/** Every step is hardened: otherwise an xpub and one private key below it would reveal the parent key. */
const ROOT = "m/2017'"
const HARDENED = 0x80000000

/**
 * The seed of twelve to 24 words, or the seed itself.
 *
 * @param words BIP-39, English; white space and case do not matter
 * @param seed 16 to 64 bytes, or their hex
 * @throws TypeError unless exactly one of them is given and valid. The error shows neither
 */
export function readSeed(words: unknown, seed: unknown): Uint8Array {
  if ((words === undefined) === (seed === undefined)) throw new TypeError('give either mnemonic or seed')
  if (words !== undefined) {
    const text = typeof words === 'string' ? words.trim().toLowerCase().split(/\s+/).join(' ') : ''
    if (!validateMnemonic(text, wordlist)) throw new TypeError('mnemonic must be 12 to 24 words of BIP-39')
    return mnemonicToSeedSync(text)
  }
  const isHex = typeof seed === 'string' && /^(?:[0-9a-f]{2})+$/i.test(seed)
  const bytes = isHex ? hexToBytes(seed) : seed
  if (!(bytes instanceof Uint8Array) || bytes.length < 16 || bytes.length > 64) {
    throw new TypeError('seed must be a Uint8Array of 16 to 64 bytes, or its hex')
  }
  return Uint8Array.from(bytes)
}

/** A wallet's keys (wallet protocol, "Keys in the wallet"). They all derive from one seed. */
export class WalletKeys {
  // Each step costs a multiplication on the curve, so common parents are derived once
  readonly #siteSecret: Uint8Array
  readonly #sites: HDKey
  readonly #subjects: HDKey
  readonly #subjectKeys = new Map<AttestationSet, SubjectKey>()

  constructor(seed: Uint8Array) {
    const root = HDKey.fromMasterSeed(seed).derive(ROOT)
    this.#siteSecret = privateKeyOf(child(root, 0))
    this.#sites = child(root, 1)
    this.#subjects = child(root, 2)
  }

  /**
   * The key for one client. Nobody can link the keys of two clients.
   *
   * @param client a site's origin; for an app of a SIP, its `sipId`, a space and the appId
   */
  site(client: string): SiteKey {
    const digest = hmac(sha256, this.#siteSecret, utf8ToBytes(client))
    const view = new DataView(digest.buffer, digest.byteOffset)
    const steps = [0, 4, 8, 12].map((offset) => view.getUint32(offset) & 0x7fffffff)
    const key = steps.reduce(child, this.#sites)
    const point = publicKeyOf(key)
    return { xprv: key.privateExtendedKey, userKey: bytesToHex(point), userId: bytesToHex(sha256(point)) }
  }

  /** The key that a set's attestations are issued to. */
  subject(set: AttestationSet): SubjectKey {
    const key = this.#subjectKeys.get(set) ?? this.#deriveSubject(set)
    this.#subjectKeys.set(set, key)
    return key
  }

  #deriveSubject(set: AttestationSet): SubjectKey {
    const key = child(this.#subjects, SETS.indexOf(set))
    // Written as a master key, because the fingerprint of a common parent would link the sets of one wallet
    const { chainCode } = key
    if (!chainCode) throw new TypeError('a derived key has a chain code')
    const alone = new HDKey({ privateKey: privateKeyOf(key), chainCode })
    return { xprv: alone.privateExtendedKey, xpub: alone.publicExtendedKey }
  }
}

function child(key: HDKey, index: number): HDKey {
  return key.deriveChild(HARDENED + index)
}

// HDKey's types allow null, but keys derived from a seed have both
function privateKeyOf({ privateKey }: HDKey): Uint8Array {
  if (!privateKey) throw new TypeError('a derived key is private')
  return privateKey
}

function publicKeyOf({ publicKey }: HDKey): Uint8Array {
  if (!publicKey) throw new TypeError('a derived key has a public key')
  return publicKey
}
