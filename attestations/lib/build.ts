import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import { Script, Transaction } from '@scure/btc-signer'
import { parseRedeem } from './script.ts'
import type { Redeem } from './script.ts'
import { parseTransaction } from './transaction.ts'
import type { Output } from './transaction.ts'

/** A transaction, signed and ready for `ledger.broadcast`. */
export interface Signed {
  /** Raw, as hex. */
  tx: string
  txid: string
}

/** An output that pays for transactions. */
export interface FundingOutput {
  /** The raw transaction with the output. The amount is read from it, because no signature covers the amount. */
  tx: string
  vout: number
}

/** An output to spend, and the script that it pays to. */
export interface Coin extends FundingOutput {
  redeem: Redeem
}

/** An unsigned transaction as JSON, for parties that sign separately. */
export interface Draft {
  /** What it spends: the raw transaction with the output, the output's number, and its script, as hex. */
  inputs: { tx: string; vout: number; redeem: string }[]
  /** Scripts as hex, amounts in satoshi. */
  outputs: { script: string; value: number }[]
}

/** One party's signature of one input. */
export interface InputSignature {
  /** The compressed public key, as hex. */
  key: string
  /** DER and the type of hash, as hex. */
  signature: string
}

/** Below this, nodes do not relay an output of some kind, in satoshi: 546 for P2PKH, 540 for P2SH. */
const DUST = 546n
/** Allows replacing an unconfirmed transaction by one with a higher fee (BIP 125). */
const REPLACEABLE = 0xfffffffd

/** Sizes in bytes, rounded up: the rest of a transaction, an output without its script, one input. */
const FRAME_BYTES = 12
const OUTPUT_BYTES = 9

/** The largest size of an input. */
export function inputBytes({ required, script }: Redeem): number {
  return 46 + 73 * required + script.length
}

/**
 * The largest size of a signed transaction.
 * @param scripts those of the outputs
 */
export function bytesOf(redeems: readonly Redeem[], scripts: readonly Uint8Array[]): number {
  const spent = redeems.reduce((sum, redeem) => sum + inputBytes(redeem), FRAME_BYTES)
  return scripts.reduce((sum, script) => sum + OUTPUT_BYTES + script.length, spent)
}

interface Input extends Coin {
  /** Satoshi. */
  amount: bigint
}

/** @throws TypeError if there is no such output */
export function inputOf(coin: Coin): Input {
  const amount = parseTransaction(coin.tx)?.outputs[coin.vout]?.amount
  if (amount === undefined) {
    throw new TypeError('tx must be a raw transaction as hex, and vout one of its outputs')
  }
  return { ...coin, amount }
}

/**
 * Pays `outputs` with the fewest coins, in their order, and the change to `change`.
 *
 * @param payment.spend coins that are always spent, before any of `coins`
 * @param payment.feeRate satoshi for each byte
 * @throws RangeError if the coins do not suffice
 */
export function draft(payment: {
  spend: Coin[]
  coins: Coin[]
  outputs: Output[]
  change: Uint8Array
  feeRate: number
}): Draft {
  const { coins, outputs, change, feeRate } = payment
  if (!(feeRate >= 1 && feeRate <= 10_000)) {
    throw new RangeError('feeRate must be 1 to 10,000 satoshi for each byte')
  }
  const spent = payment.spend.map(inputOf)
  const untried = coins.map(inputOf)
  const wanted = outputs.reduce((sum, { amount }) => sum + amount, 0n)
  const scripts = [...outputs.map(({ script }) => script), change]
  const left = () => {
    const redeems = spent.map(({ redeem }) => redeem)
    const fee = Math.ceil(bytesOf(redeems, scripts) * feeRate)
    return spent.reduce((sum, { amount }) => sum + amount, 0n) - wanted - BigInt(fee)
  }
  // A transaction needs an output: without a payment, that is the change
  const enough = outputs.length > 0 ? 0n : DUST
  while (left() < enough) {
    const coin = untried.shift()
    if (coin === undefined) throw new RangeError('the funds do not cover the outputs and the fee')
    spent.push(coin)
  }
  const rest = left()
  const paid = rest < DUST ? outputs : [...outputs, { script: change, amount: rest }]
  return {
    inputs: spent.map(({ tx, vout, redeem }) => ({ tx, vout, redeem: bytesToHex(redeem.script) })),
    outputs: paid.map(({ script, amount }) => ({ script: bytesToHex(script), value: Number(amount) })),
  }
}

function unsigned({ inputs, outputs }: Draft): Transaction {
  const tx = new Transaction({ allowUnknownInputs: true })
  for (const { tx: raw, vout, redeem } of inputs) {
    const txid = parseTransaction(raw)?.txid
    if (txid === undefined) throw new TypeError('tx must be a raw transaction as hex')
    tx.addInput({
      txid,
      index: vout,
      nonWitnessUtxo: hexToBytes(raw),
      redeemScript: hexToBytes(redeem),
      sequence: REPLACEABLE,
    })
  }
  for (const { script, value } of outputs) tx.addOutput({ script: hexToBytes(script), amount: BigInt(value) })
  return tx
}

/** Signs every input. @returns a signature for each */
export function signInputs(draft: Draft, secret: Uint8Array): InputSignature[] {
  const tx = unsigned(draft)
  return draft.inputs.map((_, index) => {
    const made = signature(tx, index, secret)
    if (!made) throw new TypeError('the key is not one of those that can sign')
    return { key: bytesToHex(made[0]), signature: bytesToHex(made[1]) }
  })
}

function signature(tx: Transaction, index: number, secret: Uint8Array): [Uint8Array, Uint8Array] | undefined {
  try {
    tx.signIdx(secret, index)
    return tx.getInput(index).partialSig?.[0]
  } catch {
    // The library's message would show the script
    return undefined
  }
}

/** Adds each party's signatures, unchecked. */
export function complete(draft: Draft, parties: readonly (readonly InputSignature[])[]): Signed {
  const tx = unsigned(draft)
  draft.inputs.forEach(({ redeem: script }, index) => {
    const redeem = parseRedeem(hexToBytes(script))
    if (!redeem) throw new TypeError('redeem must be a script of funds or of an anchor')
    const made = parties.map((signatures) => signatures[index])
    const signatures = redeem.keys
      .map((key) => made.find((one) => one?.key === bytesToHex(key))?.signature)
      .filter((signature) => signature !== undefined)
      .map(hexToBytes)
    // The library finishes only scripts that it knows, and not an anchor's
    const finalScriptSig = Script.encode([0, ...signatures.slice(0, redeem.required), redeem.script])
    tx.updateInput(index, { finalScriptSig }, true)
  })
  return { tx: bytesToHex(tx.extract()), txid: tx.id }
}
