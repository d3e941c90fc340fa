import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'mocha'
import {
  grant,
  issue,
  merkleTree,
  signGrant,
  signSubject,
  verifyGrant,
  verifyOffline,
} from 'civic-attestations'
import type { Attestation } from 'civic-attestations'
import { refused } from '../support/refused.ts'
import { CLAIMS, ISSUER, issueTo } from '../support/issuer.ts'
import { person, recorded, signature } from '../support/recorded.ts'

const ada = person('ada')
const REQUEST = { appId: 'BJkCDEfGh', requestId: '5c6b4f6e-2f0a-4a39-9e57-0d6c4b4d2f11' }

function basic() {
  return issueTo(ada)
}

describe('attestations: verifyOffline', () => {
  describe('an attestation that Civic issued in 2017', () => {
    for (const form of ['first', 'second'] as const) {
      it(`verifies in the ${form} form, and says that its labels are not bound`, () => {
        const { root, email, phone } = recorded(ada)
        const { publicKey, anchor, ...verified } = verifyOffline(email[form])
        assert.match(publicKey, /^0[23][0-9a-f]{64}$/)
        assert.equal(anchor, verifyOffline(phone[form]).anchor)
        assert.deepEqual(verified, {
          label: 'contact.personal.email',
          value: 'ada@example.org',
          root,
          subject: ada.xpub,
          isOwner: undefined,
          labelBound: false,
          set: 'attCivicBasic',
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

  describe('the result of issue', () => {
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

    it('makes one tree of any number of labels', () => {
      for (let count = 1; count <= 9; count++) {
        const claims = Object.fromEntries(
          Array.from({ length: count }, (_, i) => [`label.${i}`, `value ${i}`]),
        )
        const attestations = issueTo(ada, claims)
        assert.equal(new Set(attestations.map(({ attnData }) => attnData)).size, 1)
        assert.deepEqual(
          attestations
            .map((attestation) => verifyOffline(attestation))
            .map(({ label, value }) => [label, value]),
          Object.entries(claims),
        )
      }
    })

    it('can be made in two places: tree and issuer here, the signature in the wallet', () => {
      const claims = merkleTree(CLAIMS)
      const subject = signSubject({ label: 'attCivicBasic', data: claims.root }, ada.xprv)
      const attestations = issue({ ...ISSUER, label: 'attCivicBasic', claims, subject })
      assert.deepEqual(
        attestations.map((attestation) => verifyOffline(attestation).value),
        Object.values(CLAIMS),
      )
    })

    it('refuses a signature over another tree or label, or by another key', () => {
      const claims = merkleTree(CLAIMS)
      const tree = { label: 'attCivicBasic', data: claims.root }
      const made = (subject: ReturnType<typeof signSubject>) => () =>
        issue({ ...ISSUER, label: 'attCivicBasic', claims, subject })
      const { signature: forged } = signSubject(tree, person('eve').xprv)
      const genuine = signSubject(tree, ada.xprv)
      assert.throws(
        made(signSubject({ ...tree, data: merkleTree(CLAIMS).root }, ada.xprv)),
        refused('ROOT_MISMATCH'),
      )
      assert.throws(made(signSubject({ ...tree, label: 'attOther' }, ada.xprv)), refused('MALFORMED'))
      assert.throws(made({ ...genuine, signature: forged }), refused('SUBJECT_SIGNATURE'))
    })

    it('refuses invalid labels, values, keys and paths, and shows no key', () => {
      const good = { ...ISSUER, label: 'attCivicBasic', claims: CLAIMS, subject: ada.xprv }
      const { authority, cosigners } = ISSUER
      for (const wrong of [
        { label: '' },
        { claims: {} },
        { claims: { '': 'no label' } },
        { claims: { ['x'.repeat(257)]: 'long label' } },
        { claims: { label: 'lone \ud800' } },
        { claims: { label: 5 as unknown as string } },
        { subject: ada.xpub },
        { subject: `${ada.xprv.slice(0, -1)}?` },
        { subject: ada.xprv.replace(/..$/, (end) => (end === '11' ? '12' : '11')) },
        { subject: '' },
        { authority: { ...authority, path: "/0'" } },
        { authority: { ...authority, path: 'm/0' } },
        { authority: { ...authority, path: '/2147483648' } },
        { authority: { ...authority, path: '/0'.repeat(11) } },
        { authority: { ...authority, xpub: ada.xprv } },
        { cosigners: [cosigners[0], cosigners[0]] as typeof cosigners },
        { cosigners: [cosigners[0]] as unknown as typeof cosigners },
      ]) {
        assert.throws(
          () => issue({ ...good, ...wrong }),
          (error) => error instanceof TypeError && !error.message.includes('xprv9'),
          JSON.stringify(wrong),
        )
      }
    })

    it('survives JSON', () => {
      const [email] = basic()
      assert.deepEqual(verifyOffline(JSON.parse(JSON.stringify(email))), verifyOffline(email))
    })
  })

  describe('grant', () => {
    it('shows that the holder responded to this request', () => {
      const granted = grant({ attestation: basic()[0]!, ...REQUEST, key: ada.xprv })
      assert.equal(verifyOffline(granted, REQUEST).isOwner, true)
    })

    it('needs both the app and the request to compare with', () => {
      const granted = grant({ attestation: basic()[0]!, ...REQUEST, key: ada.xprv })
      for (const expected of [
        { appId: REQUEST.appId },
        { requestId: REQUEST.requestId },
        { ...REQUEST, appId: '' },
        { ...REQUEST, requestId: 5 as unknown as string },
      ]) {
        assert.throws(() => verifyOffline(granted, expected), TypeError)
      }
      assert.equal(verifyOffline(granted, { appId: undefined, requestId: undefined }).isOwner, undefined)
    })

    it('states the callback, which is not signed', () => {
      const attestation = basic()[0]!
      const url = 'https://shop.example.org/civic'
      const granted = grant({ attestation, ...REQUEST, url, key: ada.xprv })
      assert.equal(granted.attn.attestation.request?.url, url)
      assert.equal(verifyOffline(granted, REQUEST).isOwner, true)
    })

    it('is made for a request that shares nothing, too', () => {
      const nothing = { label: 'Anonymous_Login', data: '0'.repeat(64), ...REQUEST }
      const signed = signGrant(nothing, ada.xprv)
      verifyGrant(signed, { ...nothing, xpub: ada.xpub })
      const eve = { ...nothing, xpub: person('eve').xpub }
      assert.throws(() => verifyGrant(signed, eve), refused('GRANT_MISMATCH'))
      assert.throws(() => verifyGrant(signed, { ...nothing, xpub: 'xpub' }), refused('MALFORMED'))
      assert.throws(() => verifyGrant(null, { ...nothing, xpub: ada.xpub }), refused('GRANT_MISMATCH'))
      assert.throws(() => verifyGrant('grant', { ...nothing, xpub: ada.xpub }), refused('MALFORMED'))
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
