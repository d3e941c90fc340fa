import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'mocha'
import { AttestationError, grant, issue, verifyOffline, type Attestation } from 'civic-attestations'
import { person, recorded, signature } from './support/recorded.ts'

const ada = person('ada')
const REQUEST = { appId: 'BJkCDEfGh', requestId: '5c6b4f6e-2f0a-4a39-9e57-0d6c4b4d2f11' }
const ISSUER = {
  authority: { xpub: person('authority').xpub, path: '/0/0/11/1221' },
  cosigners: [{ xpub: person('one').xpub }, { xpub: person('two').xpub }] as [
    { xpub: string },
    { xpub: string },
  ],
}
const basic = () =>
  issue({
    ...ISSUER,
    label: 'attCivicBasic',
    claims: {
      'contact.personal.email': 'ada@example.org',
      'contact.personal.phoneNumber': '+1 202 555 0143',
    },
    subject: ada.xprv,
  })

const refused = (code: string) => (error: unknown) => {
  assert.ok(error instanceof AttestationError)
  assert.equal(error.code, code)
  return true
}

describe('attestations: verifyOffline', () => {
  describe('what Civic issued in 2017', () => {
    for (const form of ['first', 'second'] as const) {
      it(`verifies in the ${form} form, and says that its labels are not bound`, () => {
        const { root, email, phone } = recorded(ada)
        assert.deepEqual(verifyOffline(email[form]), {
          label: 'contact.personal.email',
          value: 'ada@example.org',
          root,
          subject: ada.xpub,
          isOwner: undefined,
          labelBound: false,
        })
        assert.equal(verifyOffline(phone[form]).value, '+1 202 555 0143')
      })

      it(`verifies in the ${form} form with a grant by Civic's published rule`, () => {
        assert.equal(verifyOffline(recorded(ada, REQUEST).email[form], REQUEST).isOwner, true)
      })

      it(`refuses the ${form} form if its grant is not by that rule`, () => {
        assert.throws(() => verifyOffline(recorded(ada).email[form], REQUEST), refused('GRANT_MISMATCH'))
      })
    }

    it('verifies on the test network too', () => {
      const holder = person('ada', 'test')
      assert.match(holder.xpub, /^tpub/)
      assert.equal(verifyOffline(recorded(holder).email.first).subject, holder.xpub)
    })

    it('verifies signatures with high S, which plain ECDSA makes half of the time', () => {
      const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
      let high = 0
      while (high < 2) {
        const attestation = recorded(ada).email.first
        const der = Buffer.from(attestation.attn.attestation.attestation.subject.signature, 'hex')
        const s = BigInt(`0x${der.subarray(6 + der[3]!).toString('hex')}`)
        if (s > order / 2n) high++
        assert.equal(verifyOffline(attestation).value, 'ada@example.org')
      }
    })
  })

  describe('what issue makes', () => {
    it('is one attestation of the first recorded form per label, with a nonce beside the salt', () => {
      const [email] = basic()
      const like = recorded(ada).email.first
      assert.deepEqual(Object.keys(email!), Object.keys(like))
      assert.deepEqual(
        Object.keys(email!.data).filter((key) => key !== 'nonce'),
        Object.keys(like.data),
      )
      assert.match(email!.data.nonce!, /^[0-9a-f]{64}$/)
    })

    it('binds each label to its leaf', () => {
      for (const attestation of basic()) {
        const { label, nonce, salt, value, hash } = attestation.data
        const bound = createHash('sha256').update(Buffer.from(nonce!, 'hex')).update(label)
        assert.equal(salt, bound.digest('hex'))
        assert.equal(
          hash,
          createHash('sha256')
            .update(salt + value)
            .digest('hex'),
        )
        assert.equal(verifyOffline(attestation).labelBound, true)
      }
    })

    it('survives JSON', () => {
      const [email] = basic()
      assert.deepEqual(verifyOffline(JSON.parse(JSON.stringify(email))), verifyOffline(email))
    })
  })

  describe('grant', () => {
    it('proves that the holder answered this request', () => {
      const granted = grant({ attestation: basic()[0]!, ...REQUEST, key: ada.xprv })
      assert.equal(verifyOffline(granted, REQUEST).isOwner, true)
    })

    it("is made by the attestation's own key alone", () => {
      assert.throws(() => grant({ attestation: basic()[0]!, ...REQUEST, key: person('eve').xprv }), TypeError)
    })

    it('GRANT_MISMATCH without a grant, from an earlier request, for another app, by another key', () => {
      const attestation = basic()[0]!
      const granted = grant({ attestation, ...REQUEST, key: ada.xprv })
      const forged: Attestation = structuredClone(granted)
      const { label, data } = forged.attn.attestation.attestation.subject
      forged.attn.attestation.request!.signature = signature(
        label + data + REQUEST.appId + REQUEST.requestId,
        person('eve'),
      )
      for (const [given, expected] of [
        [attestation, REQUEST],
        [granted, { ...REQUEST, requestId: '00000000-2f0a-4a39-9e57-0d6c4b4d2f11' }],
        [granted, { ...REQUEST, appId: 'another' }],
        [forged, REQUEST],
      ] as const) {
        assert.throws(() => verifyOffline(given, expected), refused('GRANT_MISMATCH'))
      }
    })
  })
})
