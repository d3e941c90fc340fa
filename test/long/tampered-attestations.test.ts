import assert from 'node:assert/strict'
import fc from 'fast-check'
import { before, describe, it } from 'mocha'
import { grant, verifyOffline, verifyOnLedger } from 'civic-attestations'
import type { Attestation, AttestationErrorCode, EmbeddedLedger } from 'civic-attestations'
import { refused } from '../support/refused.ts'
import { anchorTo, authorities, fundedLedger, issueTo } from '../support/issuer.ts'
import { person } from '../support/recorded.ts'

const REQUEST = { appId: 'BJkCDEfGh', requestId: '5c6b4f6e-2f0a-4a39-9e57-0d6c4b4d2f11' }

type Json = Record<string, unknown>
type Change = (text: string) => string

/** A text with one character exchanged, taken out or put in. */
function otherText(characters: string): fc.Arbitrary<Change> {
  return fc
    .tuple(
      fc.nat(),
      fc.constantFrom('exchange', 'remove', 'insert'),
      fc.constantFrom(...Array.from(characters)),
    )
    .map(([seed, how, character]) => (text) => {
      const at = seed % text.length
      const end = how === 'insert' ? at : at + 1
      return text.slice(0, at) + (how === 'remove' ? '' : character) + text.slice(end)
    })
}

/** A text with one hex digit exchanged for another. */
const otherDigit: fc.Arbitrary<Change> = fc
  .tuple(fc.nat(), fc.integer({ min: 1, max: 15 }))
  .map(([seed, by]) => (text) => {
    const at = seed % text.length
    return text.slice(0, at) + (parseInt(text[at]!, 16) ^ by).toString(16) + text.slice(at + 1)
  })

const HEX = '0123456789abcdef'
const PRINTABLE = String.fromCharCode(...Array.from({ length: 95 }, (_, i) => 32 + i))

const ATTESTED = 'attn.attestation.attestation'
const REQUESTED = 'attn.attestation.request'

interface Row {
  paths: string[]
  change: fc.Arbitrary<Change>
  codes: AttestationErrorCode[]
}

function row(paths: string | string[], change: fc.Arbitrary<Change>, ...codes: AttestationErrorCode[]): Row {
  return {
    paths: [paths].flat(),
    change,
    codes,
  }
}

/** Every field of an attestation that anything depends on. Where several are named, they change alike. */
const ROWS: Row[] = [
  row(['label', 'data.label'], otherText(PRINTABLE), 'LEAF_MISMATCH'),
  row('label', otherText(PRINTABLE), 'MALFORMED'),
  row('data.label', otherText(PRINTABLE), 'MALFORMED'),
  row('data.value', otherText(PRINTABLE), 'LEAF_MISMATCH'),
  row('data.salt', otherDigit, 'LEAF_MISMATCH'),
  row('data.nonce', otherDigit, 'LEAF_MISMATCH'),
  row('data.hash', otherDigit, 'LEAF_MISMATCH'),
  row('data.proof.0.right', otherDigit, 'PROOF_MISMATCH'),
  row('data.proof.1.right', otherDigit, 'PROOF_MISMATCH'),
  row('attnData', otherDigit, 'ROOT_MISMATCH'),
  row(`${ATTESTED}.subject.data`, otherDigit, 'ROOT_MISMATCH'),
  row(['attnData', `${ATTESTED}.subject.data`], otherDigit, 'PROOF_MISMATCH'),
  row('attnLabel', otherText(PRINTABLE), 'MALFORMED'),
  row(['attnLabel', `${ATTESTED}.subject.label`], otherText(PRINTABLE), 'SUBJECT_SIGNATURE'),
  row(`${ATTESTED}.subject.xpub`, otherText(PRINTABLE), 'MALFORMED'),
  row(`${ATTESTED}.subject.signature`, otherText(HEX), 'SUBJECT_SIGNATURE'),
  row(`${ATTESTED}.subject.signature`, otherDigit, 'SUBJECT_SIGNATURE'),
  row(`${REQUESTED}.signature`, otherText(HEX), 'GRANT_MISMATCH'),
  row(`${REQUESTED}.signature`, otherDigit, 'GRANT_MISMATCH'),
  row(`${REQUESTED}.clientId`, otherText(PRINTABLE), 'GRANT_MISMATCH'),
  row(`${REQUESTED}.label`, otherText(PRINTABLE), 'GRANT_MISMATCH'),
  row(`${ATTESTED}.authority.xpub`, otherText(PRINTABLE), 'UNTRUSTED_AUTHORITY', 'MALFORMED'),
  row(`${ATTESTED}.authority.path`, otherText('/0123456789'), 'ANCHOR_MISMATCH'),
  row(`${ATTESTED}.cosigners.0.xpub`, otherText(PRINTABLE), 'ANCHOR_MISMATCH', 'MALFORMED'),
  row(`${ATTESTED}.cosigners.1.xpub`, otherText(PRINTABLE), 'ANCHOR_MISMATCH', 'MALFORMED'),
  row(`${ATTESTED}.tx`, otherText(HEX), 'ANCHOR_MISMATCH', 'ANCHOR_SIGNATURE'),
  row(`${ATTESTED}.tx`, otherDigit, 'ANCHOR_MISMATCH', 'ANCHOR_SIGNATURE'),
]

function changedAt(attestation: Attestation, paths: string[], change: Change): Json {
  const copy = structuredClone(attestation) as unknown as Json
  for (const path of paths) {
    const names = path.split('.')
    const last = names.pop()!
    const holder = names.reduce((inside, name) => inside[name] as Json, copy)
    const old = holder[last] as string
    holder[last] = change(old)
    fc.pre(holder[last] !== old)
  }
  return copy
}

describe('attestations: one character of it changed', () => {
  let attestation: Attestation
  let ledger: EmbeddedLedger

  const check = async (input: unknown) => {
    verifyOffline(input, REQUEST)
    return verifyOnLedger(input, ledger, { authorities })
  }

  before(async () => {
    const ada = person('ada')
    ledger = fundedLedger()
    const claims = { 'label.a': 'value a', 'label.b': 'value b', 'label.c': 'value c', 'label.d': 'value d' }
    const { attestations } = await anchorTo(ledger, issueTo(ada, claims))
    ledger.mine()
    attestation = grant({ attestation: attestations[0]!, ...REQUEST, key: ada.xprv })
    assert.equal((await check(attestation)).isValid, true)
  })

  for (const { paths, change, codes } of ROWS) {
    it(`${codes.join(' or ')}: ${paths.join(' and ')}`, async () => {
      await fc.assert(
        fc.asyncProperty(change, async (changeText) => {
          await assert.rejects(check(changedAt(attestation, paths, changeText)), refused(...codes))
        }),
        { numRuns: 40 },
      )
    })
  }

  it('ANCHOR_MISMATCH in the anchor, ANCHOR_SIGNATURE elsewhere: every byte of the transaction', async () => {
    const { tx } = attestation.attn.attestation.attestation
    const raw = tx!
    const anchorAt = raw.indexOf('5515000000000000')
    const anchorEnd = anchorAt + 16 + 2 + 46
    for (let at = 0; at < raw.length; at += 2) {
      const byte = (parseInt(raw.slice(at, at + 2), 16) ^ 1).toString(16).padStart(2, '0')
      const input = changedAt(
        attestation,
        [`${ATTESTED}.tx`],
        () => raw.slice(0, at) + byte + raw.slice(at + 2),
      )
      const inAnchor = at >= anchorAt && at < anchorEnd
      const codes = inAnchor
        ? (['ANCHOR_MISMATCH'] as const)
        : (['ANCHOR_SIGNATURE', 'ANCHOR_MISMATCH'] as const)
      await assert.rejects(
        verifyOnLedger(input, ledger, { authorities }),
        refused(...codes),
        `byte ${at / 2}`,
      )
    }
  }).timeout(60_000)

  it('nothing: what the attestation says of its type and network', async () => {
    for (const name of ['type', 'network']) {
      const input = changedAt(attestation, [`${ATTESTED}.${name}`], () => 'something else')
      assert.equal((await check(input)).isValid, true)
    }
  })
})
