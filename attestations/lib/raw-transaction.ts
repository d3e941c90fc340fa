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

/** What no transaction can hold is for the caller to hear of, and is not cut off. */
function inRange<T extends number | bigint>(value: T, least: T, most: T): T {
  if (value < least || value > most) throw new RangeError('no transaction can hold this number')
  return value
}

function written(bytes: number, write: (view: DataView) => void): Uint8Array {
  const view = new DataView(new ArrayBuffer(bytes))
  write(view)
  return new Uint8Array(view.buffer)
}

function int32(value: number): Uint8Array {
  return written(4, (view) => view.setInt32(0, inRange(value, -0x80000000, 0x7fffffff), true))
}

function uint32(value: number): Uint8Array {
  return written(4, (view) => view.setUint32(0, inRange(value, 0, 0xffffffff), true))
}

function uint64(value: bigint): Uint8Array {
  return written(8, (view) => view.setBigUint64(0, inRange(value, 0n, 0xffffffffffffffffn), true))
}

/** Bitcoin's CompactSize. */
function size(value: number): Uint8Array {
  if (value < 0xfd) return Uint8Array.of(value)
  if (value < 0x10000) return Uint8Array.of(0xfd, value & 0xff, value >> 8)
  return joined([Uint8Array.of(0xfe), uint32(value)])
}

/** As concatBytes, whose arguments would be too many. */
function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((total, { length }) => total + length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

/**
 * Writes a raw transaction without witnesses.
 *
 * @throws RangeError for what no transaction can hold
 */
export function writeRaw({ version, inputs, outputs, lockTime }: RawParts): Uint8Array {
  return joined([
    int32(version),
    size(inputs.length),
    ...inputs.flatMap(({ txid, vout, scriptSig, sequence }) => [
      hexToBytes(txid).reverse(),
      uint32(vout),
      size(scriptSig.length),
      scriptSig,
      uint32(sequence),
    ]),
    size(outputs.length),
    ...outputs.flatMap(({ amount, script }) => [uint64(amount), size(script.length), script]),
    uint32(lockTime),
  ])
}
