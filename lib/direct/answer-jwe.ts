import { createDecipheriv, createECDH, createHash } from 'node:crypto'
import { hasDuplicates, parseJsonObject, textOf } from '../json.ts'
import { isPlainObject } from '../objects.ts'
import { unreadable } from './answer-refused.ts'
import { decode, hasExactly } from './compact.ts'
import { ANSWER_TYPE } from './wire.ts'

const CURVE = 'prime256v1'

/** A one-time pair: `point` goes into the request, `secret` stays in its record. Both hex. */
export function createOneTimeKey(): { point: string; secret: string } {
  const pair = createECDH(CURVE)
  const point = pair.generateKeys('hex')
  return { point, secret: pair.getPrivateKey('hex').padStart(64, '0') }
}

/** A W2 of the right form and for this request; not decrypted yet. */
export interface SealedAnswer {
  readonly aad: string
  readonly point: Buffer
  readonly apv: Buffer
  readonly iv: Buffer
  readonly ciphertext: Buffer
  readonly tag: Buffer
}

/**
 * Checks the form of W2 (RFC 7516, compact), without any cryptography: the header is exactly as in the protocol, and
 * for this token.
 *
 * @throws AnswerRefused 400, the same for everything that can be wrong
 */
export function readSealedAnswer(jwe: string, token: string): SealedAnswer {
  const parts = jwe.split('.', 6)
  const [aad = ''] = parts
  const [head, encryptedKey, iv, ciphertext, tag] = parts.map(decode)
  const parsed = parseJsonObject(head && textOf(head))
  if (parts.length !== 5 || !parsed || hasDuplicates(parsed)) throw unreadable()
  const header = parsed.object
  if (!isHeader(header)) throw unreadable()
  if (encryptedKey?.length !== 0 || iv?.length !== 12 || !ciphertext || tag?.length !== 16) throw unreadable()
  const apv = createHash('sha256').update(token).digest()
  const [x, y] = [header.epk.x, header.epk.y].map(coordinate)
  if (header.apv !== apv.toString('base64url') || !x || !y) throw unreadable()
  return { aad, point: Buffer.concat([Buffer.of(4), x, y]), apv, iv, ciphertext, tag }
}

interface Header {
  epk: { x: unknown; y: unknown }
  apv: string
}

function isHeader(header: Record<string, unknown>): header is Record<string, unknown> & Header {
  const { alg, enc, typ, epk } = header
  return (
    hasExactly(header, 'alg', 'enc', 'typ', 'epk', 'apv') &&
    alg === 'ECDH-ES' &&
    enc === 'A256GCM' &&
    typ === ANSWER_TYPE &&
    isPlainObject(epk) &&
    hasExactly(epk, 'kty', 'crv', 'x', 'y') &&
    epk['kty'] === 'EC' &&
    epk['crv'] === 'P-256'
  )
}

function coordinate(value: unknown): Buffer | undefined {
  const bytes = typeof value === 'string' ? decode(value) : undefined
  return bytes?.length === 32 ? bytes : undefined
}

/**
 * Decrypts W2.
 *
 * @param secret the one-time key, as hex
 * @returns the JSON object in the plaintext
 * @throws AnswerRefused 400, the same for every way to fail
 */
export function openAnswer(sealed: SealedAnswer, secret: string): Record<string, unknown> {
  const { aad, point, apv, iv, ciphertext, tag } = sealed
  let plaintext: Buffer
  try {
    const pair = createECDH(CURVE)
    pair.setPrivateKey(secret, 'hex')
    const key = agreedKey(pair.computeSecret(point), apv)
    const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: 16 }).setAuthTag(tag)
    decipher.setAAD(Buffer.from(aad))
    plaintext = Buffer.concat([decipher.update(ciphertext), decipher.final()])
  } catch {
    throw unreadable()
  }
  const answer = parseJsonObject(textOf(plaintext))
  if (!answer || hasDuplicates(answer)) throw unreadable()
  return answer.object
}

/** Concat KDF (RFC 7518 section 4.6.2) for 256 bits in one round, without apu. */
function agreedKey(shared: Buffer, apv: Buffer): Buffer {
  const round = Buffer.of(0, 0, 0, 1)
  const algorithm = prefixed(Buffer.from('A256GCM'))
  const bits = Buffer.of(0, 0, 1, 0)
  const parts = [round, shared, algorithm, prefixed(Buffer.alloc(0)), prefixed(apv), bits]
  return createHash('sha256').update(Buffer.concat(parts)).digest()
}

function prefixed(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}
