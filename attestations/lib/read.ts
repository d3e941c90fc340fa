import { AttestationError } from './errors.ts'
import type { AttestedSubject, Grant, Issuer, Leaf, ProofStep, Subject } from './forms.ts'
import { publicPoint } from './keys.ts'
import { isLabel, isText, isValue } from './tree.ts'

/**
 * The contents of an attestation of either form, copied once from the input, which is not read again. Not verified yet.
 */
export interface Statement {
  leaf: Leaf
  /** The root in the form, besides the subject's. */
  root: string
  request: Grant | undefined
  attested: Attested
}

/** What the authority attested, and the subject's public key. */
export interface Attested extends AttestedSubject {
  point: Uint8Array
}

/** A tree of 2^64 leaves is deep enough. */
const MAX_PROOF = 64
/** More labels than any set has. */
const MAX_LEAVES = 4096
const HASH = /^[0-9a-f]{64}$/

/** The members of each form. An object with members of both could be verified as one form and used as the other. */
const FIRST_FORM = ['label', 'data', 'attnData', 'attnLabel', 'attn']
const SECOND_FORM = [
  'attestationName',
  'grantedAttestation',
  'attestationData',
  'verificationLevel',
  'issuer',
  'claims',
]

function malformed(what: string): AttestationError {
  return new AttestationError('MALFORMED', what)
}

/**
 * Runs a reader on untrusted input. Anything that it throws, such as from a proxy's trap, becomes an AttestationError.
 */
function reading<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof AttestationError) throw error
    throw malformed('the attestation cannot be read')
  }
}

/** Reads an own data property, without running getters or reading prototypes. */
function own(holder: unknown, key: string): unknown {
  if (typeof holder !== 'object' || holder === null) throw malformed(`what should hold ${key} is no object`)
  const property = Object.getOwnPropertyDescriptor(holder, key)
  if (property && !('value' in property)) throw malformed(`${key} is computed, not data`)
  return property?.value
}

/** The elements of an array within bounds, also without getters. */
function elements(list: unknown, what: string, least: number, most: number): unknown[] {
  if (!Array.isArray(list)) throw malformed(`${what} must be an array`)
  const { length } = list
  if (length < least || length > most) throw malformed(`${what} must have ${least} to ${most} elements`)
  return Array.from({ length }, (_, index) => own(list, String(index)))
}

function asHash(value: unknown, key: string): string {
  if (typeof value !== 'string' || value.length !== 64 || !HASH.test(value)) {
    throw malformed(`${key} must be 64 lower-case hex digits`)
  }
  return value
}

function hash(holder: unknown, key: string): string {
  return asHash(own(holder, key), key)
}

function label(holder: unknown, key: string): string {
  const value = own(holder, key)
  if (!isLabel(value)) throw malformed(`${key} must be well-formed text of 1 to 256 characters`)
  return value
}

/** A string, whose content is checked later. */
function text(holder: unknown, key: string, maximum: number): string {
  const value = own(holder, key)
  if (!isText(value, maximum))
    throw malformed(`${key} must be well-formed text of at most ${maximum} characters`)
  return value
}

function proofStep(step: unknown): ProofStep {
  const [key, ...others] = typeof step === 'object' && step !== null ? Reflect.ownKeys(step) : []
  if (others.length === 0 && key === 'left') return { left: hash(step, key) }
  if (others.length === 0 && key === 'right') return { right: hash(step, key) }
  throw malformed('a proof step must have one key, left or right')
}

function leafOf(holder: unknown, labelKey: string, proof: unknown): Leaf {
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

/** Whether an object has one of these own members, with any value. */
function has(holder: unknown, names: readonly string[]): boolean {
  if (typeof holder !== 'object' || holder === null) return false
  return Reflect.ownKeys(holder).some((key) => names.includes(key as string))
}

function subjectOf(signed: unknown): { subject: Subject; point: Uint8Array } {
  const subject = {
    label: label(signed, 'label'),
    data: hash(signed, 'data'),
    xpub: text(signed, 'xpub', 111),
    signature: text(signed, 'signature', 1024),
  }
  const point = publicPoint(subject.xpub)
  if (point === undefined) throw malformed('xpub must be a BIP-32 extended public key')
  return { subject, point }
}

function issuerOf(attested: unknown): Issuer {
  const authority = own(attested, 'authority')
  const cosigners = elements(own(attested, 'cosigners'), 'cosigners', 2, 2)
  const [one = '', two = ''] = cosigners.map((cosigner) => text(cosigner, 'xpub', 111))
  return {
    authority: { xpub: text(authority, 'xpub', 111), path: text(authority, 'path', 110) },
    cosigners: [{ xpub: one }, { xpub: two }],
  }
}

function attestedOf(attested: unknown): Attested {
  const network = own(attested, 'network')
  const tx = own(attested, 'tx')
  return {
    ...subjectOf(own(attested, 'subject')),
    ...issuerOf(attested),
    type: own(attested, 'type') === 'permanent' ? 'permanent' : 'temporary',
    ...(isText(network, 256) && { network }),
    // Any other value counts as absent: nothing can be anchored there
    ...(typeof tx === 'string' && { tx }),
  }
}

function grantOf(request: unknown): Grant | undefined {
  if (request === undefined || request === null) return undefined
  return {
    clientId: text(request, 'clientId', 1024),
    url: own(request, 'url') === undefined ? '' : text(request, 'url', 4096),
    label: text(request, 'label', 256),
    signature: text(request, 'signature', 1024),
  }
}

function statement(stated: { leaf: Leaf; root: string; granted: unknown }): Statement {
  const { leaf, root, granted } = stated
  return {
    leaf,
    root,
    request: grantOf(own(granted, 'request')),
    attested: attestedOf(own(granted, 'attestation')),
  }
}

function firstForm(input: unknown): Statement {
  const data = own(input, 'data')
  const found = statement({
    leaf: leafOf(data, 'label', own(data, 'proof')),
    root: hash(input, 'attnData'),
    granted: own(own(input, 'attn'), 'attestation'),
  })
  if (own(input, 'label') !== found.leaf.label) throw malformed('label and data.label differ')
  if (own(input, 'attnLabel') !== found.attested.subject.label)
    throw malformed('attnLabel and subject.label differ')
  return found
}

function secondForm(input: unknown): Statement {
  const [claim] = elements(own(input, 'claims'), 'claims', 1, 1)
  return statement({
    leaf: leafOf(claim, 'identifier', own(own(own(claim, 'proof'), 'merkleTree'), 'nodes')),
    root: hash(input, 'attestationData'),
    granted: own(input, 'grantedAttestation'),
  })
}

/**
 * Reads an attestation of either recorded form (docs/protocol.md#attestations). Its members tell which form it has.
 * @throws AttestationError MALFORMED, also if it has members of both
 */
export function read(input: unknown): Statement {
  return reading(() => {
    const isFirst = has(input, FIRST_FORM)
    const isSecond = has(input, SECOND_FORM)
    if (isFirst && isSecond) throw malformed('the attestation has members of both forms')
    return isSecond ? secondForm(input) : firstForm(input)
  })
}

/** Reads a grant. @throws AttestationError MALFORMED */
export function readGrant(input: unknown): Grant | undefined {
  return reading(() => grantOf(input))
}

/** Reads what an authority attested, without any leaf. @throws AttestationError MALFORMED */
export function readAttested(input: unknown): Attested {
  return reading(() => attestedOf(input))
}

/** Reads a signed subject. @throws AttestationError MALFORMED */
export function readSubject(input: unknown): { subject: Subject; point: Uint8Array } {
  return reading(() => subjectOf(input))
}

/** Reads all leaves of a tree, and its root. @throws AttestationError MALFORMED */
export function readTree(input: unknown): { root: string; leaves: Leaf[] } {
  return reading(() => ({
    root: hash(input, 'root'),
    leaves: elements(own(input, 'leaves'), 'leaves', 1, MAX_LEAVES).map((given) =>
      leafOf(given, 'label', own(given, 'proof')),
    ),
  }))
}
