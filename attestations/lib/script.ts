import { ripemd160 } from '@noble/hashes/legacy.js'
import { bytesToHex, concatBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import { Script, p2ms } from '@scure/btc-signer'
import { Bounded } from './bounded.ts'
import type { Issuer, Subject } from './forms.ts'
import { derivedPoint } from './keys.ts'
import { subjectText } from './subject.ts'
import { sha256 } from './sha256.ts'

/** A redeem script of this package, decoded: m of the keys, with or without a commitment before them. */
export interface Redeem {
  script: Uint8Array
  required: number
  keys: Uint8Array[]
  commitment?: Uint8Array
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  // A plain loop for speed: a transaction can have many outputs
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false
  return true
}

/** The error for an issuer that `issuerKeys` cannot use. */
export const ISSUER_RULE =
  'authority and cosigners must be three different xpubs, and path steps such as /0/0/11/1221'

/** Cached, because deriving three keys takes longer than all other checks together, and a verifier sees few issuers. */
const derived = new Bounded<Uint8Array[] | undefined>(64)

/**
 * The keys of an issuer's 2-of-3, in the order of its scripts: authority, cosigner, cosigner, each derived from its
 * xpub by the authority's `path`.
 * @returns undefined unless they are three xpubs, the path is one of non-hardened steps, and the keys all differ
 */
export function issuerKeys({ authority, cosigners }: Issuer): Uint8Array[] | undefined {
  const { path } = authority
  const xpubs = [authority, ...cosigners].map(({ xpub }) => xpub)
  const name = JSON.stringify([path, ...xpubs])
  return derived.get(name, () => {
    const keys = xpubs.map((xpub) => derivedPoint(xpub, path)).filter((key) => key !== undefined)
    return keys.length === 3 && new Set(keys.map(bytesToHex)).size === 3 ? keys : undefined
  })
}

/** Making or reading a script checks that each of its keys is a point. */
const scripts = new Bounded<Uint8Array>(64)
const redeems = new Bounded<Redeem | undefined>(64)

/** `m <key>… n OP_CHECKMULTISIG`. @throws unless each key is a point, and m is from 1 to n */
function multisig(required: number, keys: Uint8Array[]): Uint8Array {
  const name = [required, ...keys.map(bytesToHex)].join()
  return scripts.get(name, () => p2ms(required, keys).script)
}

/** `2 <key> <key> <key> 3 OP_CHECKMULTISIG`: holds an issuer's funds. */
export function fundsRedeem(keys: Uint8Array[]): Redeem {
  return {
    script: multisig(2, keys),
    required: 2,
    keys,
  }
}

/** `<SHA-256 of the signed subject text> OP_DROP 2 <key> <key> <key> 3 OP_CHECKMULTISIG`: an attestation's anchor. */
export function anchorRedeem(subject: Omit<Subject, 'signature'>, keys: Uint8Array[]): Redeem {
  const commitment = sha256(utf8ToBytes(subjectText(subject)))
  const script = concatBytes(Script.encode([commitment, 'DROP']), fundsRedeem(keys).script)
  return { script, required: 2, keys, commitment }
}

/** The P2SH output script that pays to a redeem script (BIP 16). */
export function payTo(redeem: Uint8Array): Uint8Array {
  return Script.encode(['HASH160', ripemd160(sha256(redeem)), 'EQUAL'])
}

/** Esplora's index of an output script: its SHA-256, as hex. */
export function scriptHash(script: Uint8Array): string {
  return bytesToHex(sha256(script))
}

/** P2SH pushes at most 520 bytes (BIP 16). */
const MAX_REDEEM = 520

/** The value of every anchor in satoshi, as in the recorded transactions. */
export const ANCHOR_SATOSHI = 5461n

/** Decodes a script that `fundsRedeem` or `anchorRedeem` could have made, for any m of n; undefined for any other. */
export function parseRedeem(script: Uint8Array): Redeem | undefined {
  return script.length > MAX_REDEEM ? undefined : redeems.get(bytesToHex(script), () => readRedeem(script))
}

function readRedeem(script: Uint8Array): Redeem | undefined {
  try {
    const ops = Script.decode(script)
    const [commitment, drop] = ops
    const committed = commitment instanceof Uint8Array && commitment.length === 32 && drop === 'DROP'
    const [required, ...rest] = committed ? ops.slice(2) : ops
    const keys = rest.slice(0, -2).filter((key) => key instanceof Uint8Array)
    if (typeof required !== 'number') return undefined
    const prefix = committed ? Script.encode([commitment, 'DROP']) : new Uint8Array()
    if (!sameBytes(concatBytes(prefix, multisig(required, keys)), script)) return undefined
    return { script, required, keys, ...(committed ? { commitment } : {}) }
  } catch {
    return undefined
  }
}
