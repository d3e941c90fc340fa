import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import { Script, Transaction } from '@scure/btc-signer'
import { sameBytes } from './script.ts'
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
  /** The raw transaction that holds the output: its amount is read there, as a signature does not cover it. */
  tx: string
  vout: number
}

/** An output to spend, and the script that it pays to. */
export interface Coin extends FundingOutput {
  redeem: Redeem
}

/** Below this, nodes do not relay a P2SH output, in satoshi. */
const DUST = 540n

/** Sizes in bytes, rounded up: what is around the inputs and outputs, one P2SH output, one input. */
const FRAME_BYTES = 12
const OUTPUT_BYTES = 32

function inputBytes({ required, script }: Redeem): number {
  return 46 + 73 * required + script.length
}

interface Input extends Coin {
  txid: string
  /** Satoshi. */
  amount: bigint
}

function inputOf(coin: Coin): Input {
  const tx = parseTransaction(coin.tx)
  const amount = tx?.outputs[coin.vout]?.amount
  if (tx === undefined || amount === undefined) {
    throw new TypeError('tx must be a raw transaction as hex, and vout one of its outputs')
  }
  return { ...coin, txid: tx.txid, amount }
}

/**
 * Pays `outputs` with as few of the coins as suffice, in their order, and the rest back to `change`.
 *
 * @param payment.spend coins that are spent in any case, before any of `coins`
 * @param payment.feeRate satoshi for each byte
 * @param secrets as many secret keys as every coin requires
 * @throws RangeError if the coins do not suffice
 */
export function pay(
  payment: { spend: Coin[]; coins: Coin[]; outputs: Output[]; change: Uint8Array; feeRate: number },
  secrets: Uint8Array[],
): Signed {
  const { coins, outputs, change, feeRate } = payment
  if (!(feeRate >= 1 && feeRate <= 10_000)) {
    throw new RangeError('feeRate must be 1 to 10,000 satoshi for each byte')
  }
  const spent = payment.spend.map(inputOf)
  const untried = coins.map(inputOf)
  const wanted = outputs.reduce((sum, { amount }) => sum + amount, 0n)
  const left = () => {
    const bytes = spent.reduce((sum, { redeem }) => sum + inputBytes(redeem), FRAME_BYTES)
    const fee = Math.ceil((bytes + OUTPUT_BYTES * (outputs.length + 1)) * feeRate)
    return spent.reduce((sum, { amount }) => sum + amount, 0n) - wanted - BigInt(fee)
  }
  // A transaction needs an output: without one to pay, the change is it
  const enough = outputs.length > 0 ? 0n : DUST
  while (left() < enough) {
    const coin = untried.shift()
    if (coin === undefined) throw new RangeError('the funds do not cover the outputs and the fee')
    spent.push(coin)
  }
  const rest = left()
  return sign(spent, rest < DUST ? outputs : [...outputs, { script: change, amount: rest }], secrets)
}

function sign(coins: Input[], outputs: Output[], secrets: Uint8Array[]): Signed {
  const tx = new Transaction({ allowUnknownInputs: true })
  for (const { tx: raw, txid, vout, redeem } of coins) {
    tx.addInput({ txid, index: vout, nonWitnessUtxo: hexToBytes(raw), redeemScript: redeem.script })
  }
  for (const output of outputs) tx.addOutput(output)
  coins.forEach(({ redeem }, index) => {
    for (const secret of secrets) tx.signIdx(secret, index)
    const made = tx.getInput(index).partialSig ?? []
    const signatures = redeem.keys
      .map((key) => made.find(([signer]) => sameBytes(signer, key))?.[1])
      .filter((signature) => signature !== undefined)
    // The library finishes scripts that it knows; an anchor's is not among them
    const finalScriptSig = Script.encode([0, ...signatures.slice(0, redeem.required), redeem.script])
    tx.updateInput(index, { finalScriptSig }, true)
  })
  return { tx: bytesToHex(tx.extract()), txid: tx.id }
}
