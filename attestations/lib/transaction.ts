import { bytesToHex, concatBytes } from '@noble/hashes/utils.js'
import { RawTx, Script } from '@scure/btc-signer'
import { isSignedBy } from './ecdsa.ts'
import { bytesOfHex } from './hex.ts'
import { parseRaw, writeRaw } from './raw-transaction.ts'
import type { RawParts } from './raw-transaction.ts'
import { parseRedeem, sameBytes } from './script.ts'
import type { Redeem } from './script.ts'
import { sha256 } from './sha256.ts'

export interface Input {
  txid: string
  vout: number
  scriptSig: Uint8Array
  sequence: number
}

export interface Output {
  /** Satoshi. */
  amount: bigint
  script: Uint8Array
}

/** A transaction read from its raw bytes; the id is computed from them. */
export interface Transaction extends RawParts {
  txid: string
  /** Bytes without witnesses. */
  size: number
  /** Whether it has witnesses. This package makes none. */
  segwit: boolean
}

/** What RawTx decodes to; its type does not list the fields. */
interface Raw {
  version: number
  segwitFlag?: boolean | undefined
  inputs: { txid: Uint8Array; index: number; finalScriptSig: Uint8Array; sequence: number }[]
  outputs: Output[]
  witnesses?: Uint8Array[][] | undefined
  lockTime: number
}

/** The largest transaction that nodes relay, in bytes with its witnesses. */
const MAX_BYTES = 400_000

function hash256(bytes: Uint8Array): Uint8Array {
  return sha256(sha256(bytes))
}

/** A hash as it is displayed: its bytes reversed, as hex. */
export function shown(hash: Uint8Array): string {
  return bytesToHex(Uint8Array.from(hash).reverse())
}

/**
 * Reads a raw transaction.
 * @param raw lower-case hex
 * @returns undefined if it is not a transaction, is larger than nodes relay, or is not in its canonical encoding
 */
export function parseTransaction(raw: string): Transaction | undefined {
  const bytes = raw.length > 2 * MAX_BYTES ? undefined : bytesOfHex(raw)
  if (!bytes) return undefined
  const isSegwit = bytes[MARKER_AT] === 0 && bytes[MARKER_AT + 1] === 1
  if (isSegwit) return parseSegwit(bytes)
  const parts = parseRaw(bytes)
  return parts && { ...parts, txid: shown(hash256(bytes)), size: bytes.length, segwit: false }
}

/** Where a transaction with witnesses has its marker and flag (BIP 144). */
const MARKER_AT = 4

/** Slower, but this package's transactions have no witnesses. */
function parseSegwit(bytes: Uint8Array): Transaction | undefined {
  try {
    const tx: Raw = RawTx.decode(bytes)
    if (!sameBytes(RawTx.encode(tx), bytes)) return undefined
    const stripped = RawTx.encode({ ...tx, segwitFlag: false, witnesses: undefined })
    return {
      txid: shown(hash256(stripped)),
      size: stripped.length,
      version: tx.version,
      inputs: tx.inputs.map(({ txid, index, finalScriptSig, sequence }) => ({
        txid: bytesToHex(txid),
        vout: index,
        scriptSig: finalScriptSig,
        sequence,
      })),
      outputs: tx.outputs.map(({ amount, script }) => ({ amount, script })),
      lockTime: tx.lockTime,
      segwit: true,
    }
  } catch {
    return undefined
  }
}

/** Writes a transaction without witnesses as raw hex. */
export function writeTransaction(tx: RawParts): string {
  return bytesToHex(writeRaw(tx))
}

const SIGHASH_ALL = 1

/** The bytes whose SHA-256 an input's signatures sign: all inputs and outputs, by the rules from before SegWit. */
function signedMessage(tx: Transaction, index: number, redeem: Uint8Array): Uint8Array {
  const inputs = tx.inputs.map((input, i) => ({
    ...input,
    scriptSig: i === index ? redeem : new Uint8Array(),
  }))
  const preimage = writeRaw({ ...tx, inputs })
  return sha256(concatBytes(preimage, Uint8Array.of(SIGHASH_ALL, 0, 0, 0)))
}

/**
 * Checks a signature as nodes that relay transactions do: strict DER (BIP 66), low S (BIP 146) and SIGHASH_ALL.
 */
function isSignature(signature: Uint8Array, message: Uint8Array, key: Uint8Array): boolean {
  return (
    signature.at(-1) === SIGHASH_ALL && isSignedBy(message, signature.subarray(0, -1), key, { lowS: true })
  )
}

/** The keys that made the signatures, in the order of the script; undefined if a signature is by none of them. */
function signersOf(
  signatures: readonly unknown[],
  message: Uint8Array,
  keys: readonly Uint8Array[],
): Uint8Array[] | undefined {
  const signers: Uint8Array[] = []
  const untried = [...keys]
  for (const signature of signatures) {
    let key = untried.shift()
    while (key && !(signature instanceof Uint8Array && isSignature(signature, message, key)))
      key = untried.shift()
    if (key === undefined) return undefined
    signers.push(key)
  }
  return signers
}

/** How an input spends a P2SH multisig output: the script that it reveals, and the keys that signed. */
export interface Spend {
  redeem: Redeem
  signers: Uint8Array[]
}

/**
 * Checks the signatures of an input that spends a P2SH multisig output: `OP_0 <signature>… <redeem script>`, as many
 * signatures as the script requires, in the order of its keys (BIP 16, BIP 147). The caller must check that the output
 * pays to this script.
 * @returns undefined if the input is anything else
 */
export function parseSpend(tx: Transaction, index: number): Spend | undefined {
  const scriptSig = tx.inputs[index]?.scriptSig
  if (scriptSig === undefined || scriptSig.length > 1650) return undefined
  try {
    const [dummy, ...pushes] = Script.decode(scriptSig)
    if (dummy !== 0 || !sameBytes(Script.encode([dummy, ...pushes]), scriptSig)) return undefined
    const last = pushes.pop()
    const redeem = last instanceof Uint8Array ? parseRedeem(last) : undefined
    if (redeem?.required !== pushes.length) return undefined
    const message = signedMessage(tx, index, redeem.script)
    const signers = signersOf(pushes, message, redeem.keys)
    return signers && { redeem, signers }
  } catch {
    return undefined
  }
}
