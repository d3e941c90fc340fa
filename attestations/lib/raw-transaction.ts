import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import type { Input, Output } from './transaction.ts'

/** A raw transaction without witnesses, decoded. */
export interface RawParts {
  version: number
  inputs: Input[]
  outputs: Output[]
  lockTime: number
}

/** Reads forwards, and throws at the end. */
class Reader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length
  }

  #skip(length: number): number {
    const at = this.#at
    this.#at += length
    return at
  }

  int32(): number {
    return this.#view.getInt32(this.#skip(4), true)
  }

  uint32(): number {
    return this.#view.getUint32(this.#skip(4), true)
  }

  uint64(): bigint {
    return this.#view.getBigUint64(this.#skip(8), true)
  }

  take(length: number): Uint8Array {
    const at = this.#skip(length)
    if (this.#at > this.#bytes.length) throw new RangeError('the transaction ends early')
    return this.#bytes.slice(at, at + length)
  }

  /** Bitcoin's CompactSize in its shortest encoding, up to the size of a transaction that nodes relay. */
  size(): number {
    const first = this.#view.getUint8(this.#skip(1))
    if (first < 0xfd) return first
    const value = first === 0xfd ? this.#view.getUint16(this.#skip(2), true) : this.uint32()
    if (first === 0xff || value < (first === 0xfd ? 0xfd : 0x10000))
      throw new RangeError('the size is not in order')
    return value
  }

  list<T>(element: () => T): T[] {
    const list: T[] = []
    for (let left = this.size(); left > 0; left--) list.push(element())
    return list
  }
}

/**
 * Reads a raw transaction without witnesses.
 *
 * @returns undefined if it is not a transaction in its canonical encoding
 */
export function parseRaw(bytes: Uint8Array): RawParts | undefined {
  const reader = new Reader(bytes)
  try {
    const version = reader.int32()
    const inputs = reader.list((): Input => ({
      txid: bytesToHex(reader.take(32).reverse()),
      vout: reader.uint32(),
      scriptSig: reader.take(reader.size()),
      sequence: reader.uint32(),
    }))
    const outputs = reader.list((): Output => ({
      amount: reader.uint64(),
      script: reader.take(reader.size()),
    }))
    const lockTime = reader.uint32()
    return reader.isAtEnd ? { version, inputs, outputs, lockTime } : undefined
  } catch {
    return undefined
  }
}

/** Writes forwards, into one piece of memory: a piece for each number takes longer than all the rest. */
class Writer {
  readonly bytes: Uint8Array
  readonly #view: DataView
  #at = 0

  constructor(length: number) {
    this.bytes = new Uint8Array(length)
    this.#view = new DataView(this.bytes.buffer)
  }

  #skip(length: number): number {
    const at = this.#at
    this.#at += length
    return at
  }

  int32(value: number): void {
    this.#view.setInt32(this.#skip(4), inRange(value, -0x80000000, 0x7fffffff), true)
  }

  uint32(value: number): void {
    this.#view.setUint32(this.#skip(4), inRange(value, 0, 0xffffffff), true)
  }

  uint64(value: bigint): void {
    this.#view.setBigUint64(this.#skip(8), inRange(value, 0n, 0xffffffffffffffffn), true)
  }

  put(bytes: Uint8Array): void {
    this.bytes.set(bytes, this.#skip(bytes.length))
  }

  /** Bitcoin's CompactSize. */
  size(value: number): void {
    if (value < 0xfd) {
      this.#view.setUint8(this.#skip(1), value)
    } else if (value < 0x10000) {
      this.#view.setUint8(this.#skip(1), 0xfd)
      this.#view.setUint16(this.#skip(2), value, true)
    } else {
      this.#view.setUint8(this.#skip(1), 0xfe)
      this.uint32(value)
    }
  }
}

/** What no transaction can hold is for the caller to hear of, and is not cut off. */
function inRange<T extends number | bigint>(value: T, least: T, most: T): T {
  if (!(value >= least && value <= most)) throw new RangeError('no transaction can hold this number')
  return value
}

/** Bytes of a CompactSize. */
function sizeLength(value: number): number {
  if (value < 0xfd) return 1
  return value < 0x10000 ? 3 : 5
}

function scriptLength({ length }: Uint8Array): number {
  return sizeLength(length) + length
}

/**
 * Writes a raw transaction without witnesses.
 *
 * @throws RangeError for what no transaction can hold
 */
export function writeRaw({ version, inputs, outputs, lockTime }: RawParts): Uint8Array {
  let length = 4 + sizeLength(inputs.length) + sizeLength(outputs.length) + 4
  for (const { scriptSig } of inputs) length += 32 + 4 + scriptLength(scriptSig) + 4
  for (const { script } of outputs) length += 8 + scriptLength(script)
  const writer = new Writer(length)
  writer.int32(version)
  writer.size(inputs.length)
  for (const { txid, vout, scriptSig, sequence } of inputs) {
    if (txid.length !== 64) throw new RangeError('a transaction id has 64 hex digits')
    writer.put(hexToBytes(txid).reverse())
    writer.uint32(vout)
    writer.size(scriptSig.length)
    writer.put(scriptSig)
    writer.uint32(sequence)
  }
  writer.size(outputs.length)
  for (const { amount, script } of outputs) {
    writer.uint64(amount)
    writer.size(script.length)
    writer.put(script)
  }
  writer.uint32(lockTime)
  return writer.bytes
}
