/**
 * Attestations in the two forms that Civic's wallets gave (docs/protocol.md#attestations), computed with node:crypto
 * alone, without the package's code or the libraries it uses.
 */
import { createECDH, createHash, createHmac, createPrivateKey, sign } from 'node:crypto'
import type { KeyObject } from 'node:crypto'

function sha256(data: string | Buffer): Buffer {
  return createHash('sha256').update(data).digest()
}

function hex(data: string | Buffer): string {
  return sha256(data).toString('hex')
}

function node(left: string, right: string): string {
  return hex(Buffer.from(left + right, 'hex'))
}

function base58(data: Buffer): string {
  const digits = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
  let text = ''
  for (let n = BigInt(`0x${data.toString('hex')}`); n > 0n; n /= 58n) text = digits[Number(n % 58n)]! + text
  return text
}

function base58check(data: Buffer): string {
  return base58(Buffer.concat([data, sha256(sha256(data)).subarray(0, 4)]))
}

export interface Person {
  xpub: string
  xprv: string
  key: KeyObject
}

/** A BIP-32 master key from a seed; for main or test network. */
export function person(seed: string, network: 'main' | 'test' = 'main'): Person {
  const master = createHmac('sha512', 'Bitcoin seed').update(seed.padEnd(16, '.')).digest()
  const [secret, chainCode] = [master.subarray(0, 32), master.subarray(32)]
  const ecdh = createECDH('secp256k1')
  ecdh.setPrivateKey(secret)
  const point = ecdh.getPublicKey()
  const compressed = Buffer.concat([Buffer.of(2 + (point[64]! & 1)), point.subarray(1, 33)])
  const jwk = {
    kty: 'EC',
    crv: 'secp256k1',
    d: secret.toString('base64url'),
    x: point.subarray(1, 33).toString('base64url'),
    y: point.subarray(33).toString('base64url'),
  }
  const extended = (version: string, key: Buffer) =>
    base58check(Buffer.concat([Buffer.from(version, 'hex'), Buffer.alloc(9), chainCode, key]))
  return {
    xpub: extended(network === 'main' ? '0488b21e' : '043587cf', compressed),
    xprv: extended(network === 'main' ? '0488ade4' : '04358394', Buffer.concat([Buffer.alloc(1), secret])),
    key: createPrivateKey({ key: jwk, format: 'jwk' }),
  }
}

/** DER ECDSA as hex over the SHA-256 of a text. OpenSSL does not choose low S: about half of these have high S. */
export function signature(text: string, { key }: Person): string {
  return sign('sha256', Buffer.from(text), { key, dsaEncoding: 'der' }).toString('hex')
}

const ATTESTER = person('attester')
const COSIGNERS = [person('cosigner one'), person('cosigner two')]

const EMAIL = { label: 'contact.personal.email', value: 'ada@example.org' }
const PHONE = { label: 'contact.personal.phoneNumber', value: '+1 202 555 0143' }
const SALTS = [hex('salt of the e-mail'), hex('salt of the phone')] as const

/** E-mail and phone in one tree, as Civic issued them in 2017: no nonce. */
export function recorded(holder: Person, grantedTo?: { appId: string; requestId: string }) {
  const leaves = [hex(SALTS[0] + EMAIL.value), hex(SALTS[1] + PHONE.value)] as const
  const root = node(...leaves)
  const label = 'attCivicBasic'
  const proofs = [[{ right: leaves[1] }], [{ left: leaves[0] }]] as const
  const granted = {
    request: {
      clientId: grantedTo?.appId ?? 'BJkCDEfGh',
      url: 'https://shop.example.org/civic',
      label,
      signature: signature(label + root + (grantedTo ? grantedTo.appId + grantedTo.requestId : ''), holder),
    },
    attestation: {
      subject: {
        label,
        data: root,
        xpub: holder.xpub,
        signature: signature(JSON.stringify({ xpub: holder.xpub, label, data: root }), holder),
      },
      authority: { xpub: ATTESTER.xpub, path: '/0/0/11/1221' },
      cosigners: COSIGNERS.map(({ xpub }) => ({ xpub })),
      type: 'permanent',
      network: 'bitcoin',
      tx: '01000000000000000000',
    },
  }
  const [first, second] = [EMAIL, PHONE].map((claim, i) => ({
    first: {
      label: claim.label,
      data: { ...claim, salt: SALTS[i]!, hash: leaves[i]!, proof: proofs[i]! },
      attnData: root,
      attnLabel: label,
      attn: { attestation: granted },
    },
    second: {
      attestationName: label,
      grantedAttestation: granted,
      attestationData: root,
      verificationLevel: 'CIVIC:IAL1',
      issuer: 'Civic',
      claims: [
        {
          identifier: claim.label,
          value: claim.value,
          hash: leaves[i]!,
          salt: SALTS[i]!,
          proof: { merkleTree: { nodes: proofs[i]! } },
        },
      ],
    },
  }))
  return { root, email: first!, phone: second! }
}
