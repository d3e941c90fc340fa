import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import { bytesOf, complete, signInputs } from './build.ts'
import type { Draft, InputSignature, Signed } from './build.ts'
import type { Issuer, Subject } from './forms.ts'
import { derivedSecret } from './keys.ts'
import {
  ISSUER_RULE,
  anchorRedeem,
  fundsRedeem,
  issuerKeys,
  parseRedeem,
  payTo,
  sameBytes,
} from './script.ts'
import type { Redeem } from './script.ts'
import { parseSpend, parseTransaction } from './transaction.ts'

/** What a draft does: each party computes this before it signs. */
export interface DraftFacts {
  /** What each input spends: funds, or the anchor that commits to a subject. */
  inputs: ({ kind: 'funds'; txid: string; vout: number } | { kind: 'anchor'; txid: string; vout: number })[]
  /** Where the money goes: back to the issuer's funds, or to another script. */
  outputs: ({ kind: 'change'; value: number } | { kind: 'script'; script: string; value: number })[]
  /** Satoshi. */
  fee: number
  /** The largest size of the signed transaction, in bytes. */
  bytes: number
}

/** The output script that anchors a subject, as hex. @throws TypeError if the issuer is not three xpubs and a path */
export function anchorScript(issuer: Issuer, subject: Omit<Subject, 'signature'>): string {
  return bytesToHex(payTo(anchorRedeem(subject, keysOf(issuer)).script))
}

/**
 * Reads what a draft spends and pays. Amounts come from the transactions that contain the inputs, whose ids the
 * signatures cover.
 *
 * @param draft not trusted
 * @throws TypeError if it is not a draft, or spends anything but this issuer's funds and anchors
 */
export function inspectDraft(draft: Draft, issuer: Issuer): DraftFacts {
  const keys = keysOf(issuer)
  const change = bytesToHex(payTo(fundsRedeem(keys).script))
  const spent = draft.inputs.map((input) => inspectInput(input, keys))
  const names = spent.map(({ txid, vout }) => `${txid}:${vout}`)
  if (names.length === 0 || new Set(names).size < names.length) throw refused()
  for (const { script, value } of draft.outputs) {
    if (!Number.isSafeInteger(value) || value < 0 || !/^(?:[0-9a-f]{2})+$/.test(script)) throw refused()
  }
  const outputs = draft.outputs.map(({ script, value }) =>
    script === change ? ({ kind: 'change', value } as const) : ({ kind: 'script', script, value } as const),
  )
  const paid = outputs.reduce((sum, { value }) => sum + value, 0)
  return {
    inputs: spent.map(({ txid, vout, redeem }) => ({
      kind: redeem.commitment ? 'anchor' : 'funds',
      txid,
      vout,
    })),
    outputs,
    fee: spent.reduce((sum, { value }) => sum + value, 0) - paid,
    bytes: bytesOf(
      spent.map(({ redeem }) => redeem),
      outputs.map((output) => hexToBytes(output.kind === 'change' ? change : output.script)),
    ),
  }
}

interface SpentInput {
  txid: string
  vout: number
  value: number
  redeem: Redeem
}

function inspectInput(
  { tx: raw, vout, redeem: script }: Draft['inputs'][number],
  keys: Uint8Array[],
): SpentInput {
  const tx = parseTransaction(raw)
  const output = tx?.outputs[vout]
  const redeem = /^(?:[0-9a-f]{2})+$/.test(script) ? parseRedeem(hexToBytes(script)) : undefined
  if (!tx || !output || redeem?.required !== 2 || redeem.keys.length !== keys.length) throw refused()
  const isOurs = redeem.keys.every((key, at) => sameBytes(key, keys[at] ?? new Uint8Array()))
  if (!isOurs || !sameBytes(payTo(redeem.script), output.script)) throw refused()
  return { txid: tx.txid, vout, value: Number(output.amount), redeem }
}

/**
 * Signs every input of a draft with one party's key.
 * @param xprv the party's extended private key
 * @param path the issuer's path
 * @returns a signature for each input
 * @throws TypeError if the key is not one of those that can sign
 */
export function signDraft(draft: Draft, xprv: string, path: string): InputSignature[] {
  return signInputs(draft, derivedSecret(xprv, path))
}

/**
 * Puts the signatures of two parties into a draft.
 * @throws TypeError if a signature is missing or wrong
 */
export function finishDraft(draft: Draft, ...parties: readonly (readonly InputSignature[])[]): Signed {
  const signed = complete(draft, parties)
  const tx = parseTransaction(signed.tx)
  if (!tx || tx.inputs.some((_, index) => parseSpend(tx, index) === undefined)) {
    throw new TypeError('a signature is missing or wrong')
  }
  return signed
}

function keysOf(issuer: Issuer): Uint8Array[] {
  const keys = issuerKeys(issuer)
  if (keys === undefined) throw new TypeError(ISSUER_RULE)
  return keys
}

function refused(): TypeError {
  return new TypeError("the draft does not spend this issuer's funds and anchors alone")
}
