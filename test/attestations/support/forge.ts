import { createHash } from 'node:crypto'
import { HDKey } from '@scure/bip32'
import { OutScript, Script, Transaction, p2ms } from '@scure/btc-signer'
import type { EmbeddedLedger } from 'civic-attestations'
import { ISSUER } from '../../support/issuer.ts'
import { person } from '../../support/recorded.ts'
import type { Person } from '../../support/recorded.ts'

function hash(algorithm: string, data: Uint8Array): Buffer {
  return createHash(algorithm).update(data).digest()
}

/** The output script that pays to a redeem script. */
export function payTo(redeem: Uint8Array): Uint8Array {
  return OutScript.encode({ type: 'sh', hash: hash('ripemd160', hash('sha256', redeem)) })
}

const TOTAL = 5_000_000_000n

/** A key at the issuer's path. */
export function keyOf({ xprv }: Person): { secret: Uint8Array; point: Uint8Array } {
  const key = HDKey.fromExtendedKey(xprv).derive(`m${ISSUER.authority.path}`)
  return { secret: key.privateKey!, point: key.publicKey! }
}

export const AUTHORITY = keyOf(person('authority'))
export const COSIGNER = keyOf(person('cosigner one'))
export const THIRD = keyOf(person('cosigner two'))
export const STRANGERS = [
  keyOf(person('stranger one')),
  keyOf(person('stranger two')),
  keyOf(person('third')),
] as const

export function multisig(required: number, ...keys: { point: Uint8Array }[]): Uint8Array {
  return p2ms(
    required,
    keys.map(({ point }) => point),
  ).script
}

/** A coin of 50 bitcoin, from a new block. */
export async function coinFor(
  ledger: EmbeddedLedger,
  redeem: Uint8Array,
): Promise<{ tx: string; vout: number }> {
  const { txids } = ledger.mine(Buffer.from(payTo(redeem)).toString('hex'))
  return { tx: (await ledger.txHex(txids[0]!))!, vout: 0 }
}

export interface Spending {
  coins: { tx: string; vout: number }[]
  redeem: Uint8Array
  signers: { secret: Uint8Array; point: Uint8Array }[]
  outputs?: { script: Uint8Array; amount: bigint }[]
  sighash?: number
  version?: number
  lockTime?: number
  sequence?: number
}

/** Signs a transaction as told, whatever comes of it. Without outputs, all goes to the redeem script's own output. */
export function spend({ coins, redeem, signers, outputs, sighash = 1, ...options }: Spending): string {
  const { sequence = 0xffffffff, version = 2, lockTime = 0 } = options
  const anything = { allowUnknownInputs: true, allowUnknownOutputs: true, disableScriptCheck: true }
  const tx = new Transaction({ ...anything, version, lockTime })
  for (const { tx: raw, vout } of coins) {
    tx.addInput({
      txid: Transaction.fromRaw(Buffer.from(raw, 'hex'), {
        allowUnknownInputs: true,
        allowUnknownOutputs: true,
      }).id,
      index: vout,
      nonWitnessUtxo: Buffer.from(raw, 'hex'),
      redeemScript: redeem,
      sighashType: sighash,
      sequence,
    })
  }
  const all = [{ script: payTo(redeem), amount: TOTAL * BigInt(coins.length) - 1000n }]
  for (const output of outputs ?? all) tx.addOutput(output)
  coins.forEach((_, index) => {
    for (const { secret } of signers) tx.signIdx(secret, index, [sighash])
    const made = tx.getInput(index).partialSig ?? []
    const signatures = signers.map(({ point }) => made.find(([key]) => Buffer.compare(key, point) === 0)![1])
    tx.updateInput(index, { finalScriptSig: Script.encode([0, ...signatures, redeem]) }, true)
  })
  return Buffer.from(tx.toBytes(true, true)).toString('hex')
}
