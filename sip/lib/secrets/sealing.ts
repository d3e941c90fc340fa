import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto'

/** The place of a sealed value. Moved to another place, it does not open. */
export interface Place {
  readonly table: string
  /** The row's primary key. */
  readonly row: string
  readonly column: string
}

/** A sealed value cannot be opened. The message names its place, but nothing of its contents. */
export class SealError extends Error {
  override readonly name = 'SealError'

  constructor({ table, column }: Place) {
    super(
      `${table}.${column} cannot be opened: it is damaged, moved, or sealed with a SIP_SECRET that is not set`,
    )
  }
}

const VERSION = 1
const KEY_ID_BYTES = 4
const NONCE_BYTES = 12
const TAG_BYTES = 16
const HEADER_BYTES = 1 + KEY_ID_BYTES

/**
 * Seals stored values with AES-256-GCM. The keys derive from the server's secret with HKDF-SHA-256, one for each column
 * and for each use of an HMAC. A sealed value is base64 of version, key id, nonce, tag and ciphertext, and
 * authenticates its place.
 */
export class Sealer {
  readonly #secrets: readonly Secret[]

  /**
   * @param secrets 64 hex digits each, the current one first: it seals, and each of them opens
   * @throws TypeError
   */
  constructor(secrets: readonly string[]) {
    if (secrets.length === 0 || !secrets.every((secret) => /^[0-9a-f]{64}$/i.test(secret))) {
      throw new TypeError('a secret is 64 hex digits')
    }
    this.#secrets = secrets.map((secret) => new Secret(Buffer.from(secret, 'hex')))
  }

  seal(place: Place, text: string): string {
    const secret = this.#current
    const header = Buffer.concat([Buffer.of(VERSION), secret.id])
    const nonce = randomBytes(NONCE_BYTES)
    const cipher = createCipheriv('aes-256-gcm', secret.key(labelOf(place)), nonce)
    cipher.setAAD(authenticated(header, place))
    const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
    return Buffer.concat([header, nonce, cipher.getAuthTag(), sealed]).toString('base64')
  }

  /** @throws SealError */
  open(place: Place, sealed: string): string {
    const bytes = Buffer.from(sealed, 'base64')
    const secret = this.#secretOf(bytes)
    if (!secret || bytes.length < HEADER_BYTES + NONCE_BYTES + TAG_BYTES) throw new SealError(place)
    const [header, afterHeader] = cut(bytes, HEADER_BYTES)
    const [nonce, afterNonce] = cut(afterHeader, NONCE_BYTES)
    const [tag, ciphertext] = cut(afterNonce, TAG_BYTES)
    try {
      const decipher = createDecipheriv('aes-256-gcm', secret.key(labelOf(place)), nonce, {
        authTagLength: TAG_BYTES,
      })
      decipher.setAAD(authenticated(header, place)).setAuthTag(tag)
      return Buffer.concat([decipher.update(ciphertext), decipher.final()]).toString('utf8')
    } catch {
      throw new SealError(place)
    }
  }

  /** Whether the current secret sealed a value, so that it opens without any other. */
  isCurrent(sealed: string): boolean {
    return this.#secretOf(Buffer.from(sealed, 'base64')) === this.#current
  }

  /**
   * An HMAC for looking up a value that must not be stored. It changes with the current secret, so use it only for
   * short-lived data.
   *
   * @param use a label, one for each use
   * @returns 64 hex digits
   */
  hmac(use: string, text: string): string {
    return createHmac('sha256', this.#current.key(`hmac ${use}`))
      .update(text)
      .digest('hex')
  }

  /** An id of the current secret, which reveals nothing about it. */
  get currentId(): string {
    return this.#current.id.toString('hex')
  }

  get #current(): Secret {
    return this.#secrets[0] as Secret
  }

  #secretOf(bytes: Buffer): Secret | undefined {
    const id = bytes.subarray(1, HEADER_BYTES)
    return bytes[0] === VERSION ? this.#secrets.find((secret) => secret.id.equals(id)) : undefined
  }
}

/** A secret, and the keys that derive from it. */
class Secret {
  readonly id: Buffer
  readonly #bytes: Buffer
  readonly #keys = new Map<string, Buffer>()

  constructor(bytes: Buffer) {
    this.#bytes = bytes
    this.id = this.key('id').subarray(0, KEY_ID_BYTES)
  }

  key(label: string): Buffer {
    const known = this.#keys.get(label)
    if (known) return known
    const key = Buffer.from(hkdfSync('sha256', this.#bytes, '', `civic-sip-server ${label}`, 32))
    this.#keys.set(label, key)
    return key
  }
}

/** Fields of a JSON column, such as one for each key id, share the column's key. */
function labelOf({ table, column }: Place): string {
  return `seal ${table}.${column.split('.', 1)[0] ?? ''}`
}

function authenticated(header: Buffer, { table, row, column }: Place): Buffer {
  return Buffer.concat([header, Buffer.from(JSON.stringify([table, row, column]))])
}

function cut(bytes: Buffer, at: number): [Buffer, Buffer] {
  return [bytes.subarray(0, at), bytes.subarray(at)]
}
