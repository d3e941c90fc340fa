import { AttestationError } from './errors.ts'
import type { Leaf, ProofStep, Subject } from './forms.ts'
import { publicPoint } from './keys.ts'
import { isLabel, isText, isValue } from './tree.ts'

/** What an attestation of either form states: copied once out of the input, nothing of it believed yet. */
export interface Statement {
  leaf: Leaf
  /** The root that the form names beside the subject's. */
  root: string
  subject: Subject
  /** The subject's public key. */
  point: Uint8Array
  /** Still unread: what only some checks need. */
  request: unknown
  attestation: unknown
}

/** A tree of 2^64 leaves is deep enough. */
const MAX_PROOF = 64
const HASH = /^[0-9a-f]{64}$/

const malformed = (what: string): AttestationError => new AttestationError('MALFORMED', what)

/**
 * Runs a reader over input that anybody may have made. Whatever it does (a proxy's trap may throw anything) comes
 * out as an AttestationError.
 */
export const reading = <T>(read: () => T): T => {
  try {
    return read()
  } catch (error) {
    if (error instanceof AttestationError) throw error
    throw malformed('the attestation cannot be read')
  }
}

/** An own data property: no getter runs, nothing is inherited. */
export const own = (holder: unknown, key: string): unknown => {
  if (typeof holder !== 'object' || holder === null) throw malformed(`what should hold ${key} is no object`)
  const property = Object.getOwnPropertyDescriptor(holder, key)
  if (property && !('value' in property)) throw malformed(`${key} is computed, not data`)
  return property?.value
}

/** The elements of an array of known bounds, likewise without getters. */
export const elements = (list: unknown, what: string, least: number, most: number): unknown[] => {
  if (!Array.isArray(list)) throw malformed(`${what} must be an array`)
  const { length } = list
  if (length < least || length > most) throw malformed(`${what} must have ${least} to ${most} elements`)
  return Array.from({ length }, (_, index) => own(list, String(index)))
}

const asHash = (value: unknown, key: string): string => {
  if (typeof value !== 'string' || value.length !== 64 || !HASH.test(value)) {
    throw malformed(`${key} must be 64 lower-case hex digits`)
  }
  return value
}

const hash = (holder: unknown, key: string): string => asHash(own(holder, key), key)

const label = (holder: unknown, key: string): string => {
  const value = own(holder, key)
  if (!isLabel(value)) throw malformed(`${key} must be well-formed text of 1 to 256 characters`)
  return value
}

/** A string whose content is for a later check to judge. */
export const text = (holder: unknown, key: string, maximum: number): string => {
  const value = own(holder, key)
  if (!isText(value, maximum))
    throw malformed(`${key} must be well-formed text of at most ${maximum} characters`)
  return value
}

const proofStep = (step: unknown): ProofStep => {
  const [key, ...others] = typeof step === 'object' && step !== null ? Reflect.ownKeys(step) : []
  if (others.length === 0 && key === 'left') return { left: hash(step, key) }
  if (others.length === 0 && key === 'right') return { right: hash(step, key) }
  throw malformed('a proof step must have one key, left or right')
}

const leaf = (holder: unknown, labelKey: string, proof: unknown): Leaf => {
  const value = own(holder, 'value')
  const nonce = own(holder, 'nonce')
  if (!isValue(value)) throw malformed('value must be a well-formed string of at most 4 Mi characters')
  return {
    label: label(holder, labelKey),
    value,
    salt: hash(holder, 'salt'),
    ...(nonce === undefined ? {} : { nonce: asHash(nonce, 'nonce') }),
    hash: hash(holder, 'hash'),
    proof: elements(proof, 'proof', 0, MAX_PROOF).map(proofStep),
  }
}

const statement = (stated: { leaf: Leaf; root: string; granted: unknown }): Statement => {
  const attestation = own(stated.granted, 'attestation')
  const signed = own(attestation, 'subject')
  const subject = {
    label: label(signed, 'label'),
    data: hash(signed, 'data'),
    xpub: text(signed, 'xpub', 111),
    signature: text(signed, 'signature', 1024),
  }
  const point = publicPoint(subject.xpub)
  if (point === undefined) throw malformed('xpub must be a BIP-32 extended public key')
  return {
    leaf: stated.leaf,
    root: stated.root,
    subject,
    point,
    request: own(stated.granted, 'request'),
    attestation,
  }
}

const firstForm = (input: unknown): Statement => {
  const data = own(input, 'data')
  const found = statement({
    leaf: leaf(data, 'label', own(data, 'proof')),
    root: hash(input, 'attnData'),
    granted: own(own(input, 'attn'), 'attestation'),
  })
  if (own(input, 'label') !== found.leaf.label) throw malformed('label and data.label differ')
  if (own(input, 'attnLabel') !== found.subject.label) throw malformed('attnLabel and subject.label differ')
  return found
}

const secondForm = (input: unknown, claims: unknown): Statement => {
  const [claim] = elements(claims, 'claims', 1, 1)
  return statement({
    leaf: leaf(claim, 'identifier', own(own(own(claim, 'proof'), 'merkleTree'), 'nodes')),
    root: hash(input, 'attestationData'),
    granted: own(input, 'grantedAttestation'),
  })
}

/**
 * Reads an attestation of either recorded form (protocol section 7), of which the second is known by its `claims`.
 * @throws AttestationError MALFORMED
 */
export const read = (input: unknown): Statement =>
  reading(() => {
    const claims = own(input, 'claims')
    return claims === undefined ? firstForm(input) : secondForm(input, claims)
  })
