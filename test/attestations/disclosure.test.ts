import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'mocha'
import { grant, verifyOffline } from 'civic-attestations'
import { issueTo } from '../support/issuer.ts'
import { person } from '../support/recorded.ts'

function sha256(...parts: (string | Buffer)[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest('hex')
}

const CLAIMS = {
  'contact.personal.email': 'ada@example.org',
  'contact.personal.phoneNumber': '+1 202 555 0143',
  'documents.genericId.country': 'GBR',
  'documents.genericId.dateOfBirth': '1990-12-10',
  'verifications.levels.CIVIC:IAL1': 'true',
}

describe('attestations: selective disclosure', () => {
  const ada = person('ada')
  const all = issueTo(ada, CLAIMS)
  const request = { appId: 'app', requestId: '5c6b4f6e-2f0a-4a39-9e57-0d6c4b4d2f11' }

  for (const [index, label] of Object.keys(CLAIMS).entries()) {
    it(`shows ${label} and nothing of the others`, () => {
      const shown = grant({ attestation: all[index]!, ...request, key: ada.xprv })
      assert.equal(verifyOffline(shown, request).label, label)
      const text = JSON.stringify(shown)
      for (const other of all.filter((attestation) => attestation.label !== label)) {
        for (const secret of [other.label, other.data.value, other.data.salt, other.data.nonce!]) {
          assert.ok(!text.includes(secret))
        }
      }
    })
  }

  it('does not let the hidden values be guessed', () => {
    const shown = all[2]!
    const visible = shown.data.proof.map((step) => ('left' in step ? step.left : step.right))
    const hidden = all.filter((attestation) => attestation !== shown)
    // Some hashes in the proof are those of hidden leaves, so a right guess would match
    assert.ok(hidden.some(({ data }) => visible.includes(data.hash)))
    for (const { label, data } of hidden) {
      const { salt, nonce } = shown.data
      for (const guess of [
        sha256(data.value),
        sha256(label, data.value),
        sha256(salt, data.value),
        sha256(sha256(Buffer.from(nonce!, 'hex'), label), data.value),
        sha256(sha256(label), data.value),
        sha256('0'.repeat(64), data.value),
      ]) {
        assert.ok(!visible.includes(guess))
      }
      // With the salt, which stays in the wallet, it would match
      assert.equal(sha256(data.salt, data.value), data.hash)
    }
  })

  it('uses a fresh salt for each leaf, each time', () => {
    const again = issueTo(ada, CLAIMS)
    const salts = [...all, ...again].flatMap(({ data }) => [data.salt, data.nonce])
    assert.equal(new Set(salts).size, 20)
    const same = issueTo(ada, { 'label.a': 'same', 'label.b': 'same' })
    assert.notEqual(same[0]!.data.hash, same[1]!.data.hash)
  })
})
