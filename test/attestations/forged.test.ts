import assert from 'node:assert/strict'
import { before, describe, it } from 'mocha'
import {
  anchor,
  anchorOf,
  findFunds,
  grant,
  issue,
  merkleTree,
  revoke,
  revokeAttested,
  signSubject,
  verifyOffline,
  verifyOnLedger,
  verifySubject,
} from 'civic-attestations'
import type { Attestation, Credential, EmbeddedLedger, Tree } from 'civic-attestations'
import { refused, refusedFor } from '../support/refused.ts'
import { CLAIMS, ISSUER, SIGNERS, anchorTo, authorities, fundedLedger, issueTo } from '../support/issuer.ts'
import { person, recorded } from '../support/recorded.ts'

const ada = person('ada')
const eve = person('eve')
const REQUEST = { appId: 'BJkCDEfGh', requestId: '5c6b4f6e-2f0a-4a39-9e57-0d6c4b4d2f11' }

const FIRST = ['label', 'data', 'attnData', 'attnLabel', 'attn']
const SECOND = [
  'attestationName',
  'grantedAttestation',
  'attestationData',
  'verificationLevel',
  'issuer',
  'claims',
]

/** The same attestation in the second form. */
function secondForm({ label, data, attnData, attnLabel, attn }: Attestation): Credential {
  const { proof, ...claim } = data
  return {
    attestationName: attnLabel,
    grantedAttestation: attn.attestation,
    attestationData: attnData,
    verificationLevel: 'CIVIC:IAL1',
    issuer: 'Civic',
    claims: [{ ...claim, identifier: label, proof: { merkleTree: { nodes: proof } } }],
  }
}

describe('attestations: two forms in one object', () => {
  let ledger: EmbeddedLedger
  let genuine: Attestation
  let madeUp: Credential
  before(async () => {
    ledger = fundedLedger()
    const { attestations } = await anchorTo(ledger, issueTo(ada))
    ledger.mine()
    genuine = attestations[0]!
    const [own] = issueTo(eve, { 'contact.personal.email': 'ceo@bank.example' })
    madeUp = secondForm(grant({ attestation: own!, ...REQUEST, key: eve.xprv }))
  })

  it('is MALFORMED: an invented claim beside the anchor of a genuine attestation', async () => {
    const forged = { ...madeUp, attn: genuine.attn } as unknown as Attestation
    const funds = await findFunds(ledger, ISSUER)
    const { network } = ledger
    assert.throws(() => verifyOffline(forged, REQUEST), refused('MALFORMED'))
    await assert.rejects(verifyOnLedger(forged, ledger, { authorities }), refused('MALFORMED'))
    assert.throws(
      () => anchor({ attestations: [forged], keys: SIGNERS, funds, network }),
      refused('MALFORMED'),
    )
    assert.throws(() => revoke({ attestation: forged, keys: SIGNERS }), refused('MALFORMED'))
    assert.throws(() => grant({ attestation: forged, ...REQUEST, key: ada.xprv }), refused('MALFORMED'))
    assert.throws(() => anchorOf(forged), refused('MALFORMED'))
  })

  const values: [string, PropertyDescriptor][] = [
    ['text', { value: 'x' }],
    ['undefined', { value: undefined }],
    ['a getter', { get: () => assert.fail('a getter ran') }],
  ]
  for (const [what, descriptor] of values) {
    for (const name of SECOND) {
      it(`is MALFORMED: the first form with ${what} as ${name}`, () => {
        const forged = Object.defineProperty(structuredClone(genuine), name, descriptor)
        assert.throws(() => verifyOffline(forged), refused('MALFORMED'))
      })
    }
    for (const name of FIRST) {
      it(`is MALFORMED: the second form with ${what} as ${name}`, () => {
        const forged = Object.defineProperty(structuredClone(madeUp), name, descriptor)
        assert.throws(() => verifyOffline(forged), refused('MALFORMED'))
      })
    }
  }

  it('reads no member from a prototype', () => {
    const forged = Object.assign(Object.create(genuine) as object, madeUp)
    assert.equal(verifyOffline(forged, REQUEST).subject, eve.xpub)
    assert.throws(() => anchorOf(forged), refused('ANCHOR_MISMATCH'))
  })
})

describe('attestations: what verifyOffline returns', () => {
  let ledger: EmbeddedLedger
  let genuine: Attestation
  before(async () => {
    ledger = fundedLedger()
    const { attestations } = await anchorTo(ledger, issueTo(ada))
    ledger.mine()
    genuine = grant({ attestation: attestations[0]!, ...REQUEST, key: ada.xprv })
  })

  it('is frozen, and names the set, the public key and the anchor', () => {
    const verified = verifyOffline(genuine, REQUEST)
    assert.ok(Object.isFrozen(verified))
    const { label, value, root, subject, isOwner, labelBound, set } = verified
    assert.deepEqual(
      { label, value, root, subject, isOwner, labelBound, set },
      {
        label: 'contact.personal.email',
        value: 'ada@example.org',
        root: genuine.attnData,
        subject: ada.xpub,
        isOwner: true,
        labelBound: true,
        set: 'attCivicBasic',
      },
    )
    assert.match(verified.publicKey, /^0[23][0-9a-f]{64}$/)
    assert.equal(verifyOffline(secondForm(genuine)).anchor, verified.anchor)
  })

  it('is accepted by every later step, and the input is not read again', async () => {
    const raw = structuredClone(genuine)
    const verified = verifyOffline(raw)
    raw.attn = {} as Attestation['attn']
    raw.data.value = 'eve@example.org'
    assert.equal((await verifyOnLedger(verified, ledger, { authorities })).isValid, true)
    const { txid, vout } = anchorOf(genuine)
    assert.deepEqual([anchorOf(verified).txid, anchorOf(verified).vout], [txid, vout])
    const other = { appId: 'other', requestId: REQUEST.requestId }
    const granted = grant({ attestation: verified, ...other, key: ada.xprv })
    assert.equal(verifyOffline(granted, other).value, 'ada@example.org')
    const { tx } = revoke({ attestation: verified, keys: SIGNERS })
    assert.equal(tx, revoke({ attestation: genuine, keys: SIGNERS }).tx)
    const funds = await findFunds(ledger, ISSUER)
    const again = anchor({ attestations: [verified], keys: SIGNERS, funds, network: ledger.network })
    assert.equal(verifyOffline(again.attestations[0], REQUEST).value, 'ada@example.org')
  })

  it('is MALFORMED as a copy, or with a change', async () => {
    const verified = verifyOffline(genuine)
    for (const copy of [{ ...verified }, structuredClone(verified), Object.create(verified) as object]) {
      await assert.rejects(verifyOnLedger(copy, ledger, { authorities }), refused('MALFORMED'))
      assert.throws(
        () => grant({ attestation: copy as typeof verified, ...REQUEST, key: ada.xprv }),
        refused('MALFORMED'),
      )
      assert.throws(
        () => revoke({ attestation: copy as typeof verified, keys: SIGNERS }),
        refused('MALFORMED'),
      )
    }
  })

  it('is verified by anchor, grant and revoke if it is raw', async () => {
    const funds = await findFunds(ledger, ISSUER)
    const forged = structuredClone(genuine)
    forged.data.value = 'eve@example.org'
    const mismatch = refused('LEAF_MISMATCH')
    assert.throws(() => grant({ attestation: forged, ...REQUEST, key: ada.xprv }), mismatch)
    assert.throws(() => revoke({ attestation: forged, keys: SIGNERS }), mismatch)
    assert.throws(() => anchorOf(forged), mismatch)
    const options = { attestations: [forged], keys: SIGNERS, funds, network: ledger.network }
    assert.throws(() => anchor(options), mismatch)
  })

  it('of the second form grants and anchors alike', async () => {
    const granted = grant({ attestation: secondForm(genuine), ...REQUEST, key: ada.xprv })
    assert.equal(verifyOffline(granted, REQUEST).isOwner, true)
    assert.equal((await verifyOnLedger(granted, ledger, { authorities })).isValid, true)
  })

  it('shares no mutable object with the result of grant', () => {
    const verified = verifyOffline(genuine)
    const granted = grant({ attestation: verified, ...REQUEST, key: ada.xprv })
    granted.data.proof.length = 0
    granted.attn.attestation.attestation.subject.data = '0'.repeat(64)
    granted.attn.attestation.attestation.authority.path = '/1'
    const again = grant({ attestation: verified, ...REQUEST, key: ada.xprv })
    assert.equal(verifyOffline(again, REQUEST).value, 'ada@example.org')
    assert.equal(anchorOf(again).txid, anchorOf(genuine).txid)
  })
})

describe('attestations: issue signs for no unseen leaf', () => {
  const claims = { ...CLAIMS, 'contact.personal.alias': 'countess' }
  const tree = merkleTree(claims)
  const [one, two, three] = tree.leaves as [Tree['leaves'][0], Tree['leaves'][0], Tree['leaves'][0]]
  const made = (wrong: Tree) => () =>
    issue({
      ...ISSUER,
      label: 'attCivicBasic',
      claims: wrong,
      subject: signSubject({ label: 'attCivicBasic', data: wrong.root }, ada.xprv),
    })

  it('accepts the whole tree', () => {
    assert.equal(made(tree)().length, 3)
    assert.equal(made(JSON.parse(JSON.stringify(tree)) as Tree)().length, 3)
  })

  it('ROOT_MISMATCH: a leaf is hidden', () => {
    for (const leaves of [[one], [one, two], [three], [two, three]]) {
      assert.throws(made({ ...tree, leaves }), refused('ROOT_MISMATCH'))
    }
  })

  it('ROOT_MISMATCH: a leaf is added, or they are in another order', () => {
    const [other] = merkleTree({ 'contact.personal.other': 'x' }).leaves
    assert.throws(made({ ...tree, leaves: [...tree.leaves, other!] }), refused('ROOT_MISMATCH'))
    assert.throws(made({ ...tree, leaves: [two, one, three] }), refused('ROOT_MISMATCH'))
  })

  it('MALFORMED: no leaves, one twice, or a label twice', () => {
    assert.throws(made({ ...tree, leaves: [] }), refused('MALFORMED'))
    assert.throws(made({ ...tree, leaves: [one, one] }), refused('MALFORMED'))
    assert.throws(made({ ...tree, leaves: [one, two, three, three] }), refused('MALFORMED'))
    const again = merkleTree({ [one.label]: 'ceo@bank.example' }).leaves[0]!
    assert.throws(made({ ...tree, leaves: [one, two, three, again] }), refused('MALFORMED'))
  })

  it('MALFORMED: a leaf whose label is not bound', () => {
    const { email } = recorded(ada)
    const unbound = { ...one }
    delete unbound.nonce
    assert.throws(made({ ...tree, leaves: [unbound, two, three] }), refused('MALFORMED'))
    const { label, data, attnData } = email.first
    const civics = { root: attnData, leaves: [{ ...data, label, proof: [...data.proof] }] }
    assert.throws(made(civics), refused('MALFORMED'))
  })

  it('LEAF_MISMATCH, PROOF_MISMATCH: a leaf was changed', () => {
    const changed = (change: Partial<Tree['leaves'][0]>) =>
      made({ ...tree, leaves: [{ ...one, ...change }, two, three] })
    assert.throws(changed({ value: 'ceo@bank.example' }), refused('LEAF_MISMATCH'))
    assert.throws(changed({ label: 'contact.personal.other' }), refused('LEAF_MISMATCH'))
    assert.throws(changed({ salt: '0'.repeat(64) }), refused('LEAF_MISMATCH'))
    assert.throws(changed({ hash: '0'.repeat(64) }), refused('LEAF_MISMATCH'))
    assert.throws(changed({ proof: [] }), refused('PROOF_MISMATCH'))
    assert.throws(changed({ proof: two.proof }), refused('PROOF_MISMATCH'))
  })
})

describe('attestations: anchoring after a revocation', () => {
  it('spends the change of the revocation: no block can contain the new anchor without it', async () => {
    const ledger = fundedLedger()
    const { attestations } = await anchorTo(ledger, issueTo(ada))
    ledger.mine()
    const [{ attn }, phone] = attestations as [Attestation, Attestation]
    const funds = await findFunds(ledger, ISSUER)
    const revocation = revokeAttested({ attested: attn.attestation.attestation, keys: SIGNERS })
    const again = anchor({
      attestations: issueTo(ada),
      keys: SIGNERS,
      funds,
      after: [revocation],
      network: ledger.network,
    })
    await assert.rejects(ledger.broadcast(again.tx), refusedFor('bad-txns-inputs-missingorspent'))
    await ledger.broadcast(revocation.tx)
    await ledger.broadcast(again.tx)
    ledger.mine()
    assert.equal((await verifyOnLedger(phone, ledger, { authorities })).state, 'spent')
    assert.equal((await verifyOnLedger(again.attestations[0], ledger, { authorities })).isValid, true)
  })

  it('revokes without the leaf, which an issuer need not keep', async () => {
    const ledger = fundedLedger()
    const { attestations } = await anchorTo(ledger, issueTo(ada))
    const attested = attestations[0]!.attn.attestation.attestation
    const { tx } = revoke({ attestation: attestations[0]!, keys: SIGNERS })
    assert.equal(revokeAttested({ attested, keys: SIGNERS }).tx, tx)
    const signed = (subject: object) => ({ ...attested, subject: { ...attested.subject, ...subject } })
    const by = (wrong: typeof attested) => () => revokeAttested({ attested: wrong, keys: SIGNERS })
    assert.throws(by(signed({ label: 'attOther' })), refused('SUBJECT_SIGNATURE'))
    assert.throws(by({} as typeof attested), refused('MALFORMED'))
    const { subject } = issueTo(eve)[0]!.attn.attestation.attestation
    assert.throws(by(signed(subject)), refused('ANCHOR_MISMATCH'))
  })
})

describe('attestations: verifySubject', () => {
  it('accepts only a subject that its key signed', () => {
    const subject = signSubject({ label: 'revoke:attCivicBasic', data: '0'.repeat(64) }, ada.xprv)
    assert.deepEqual(verifySubject({ ...subject, more: 1 }), subject)
    const wrong = { ...subject, xpub: eve.xpub }
    assert.throws(() => verifySubject(wrong), refused('SUBJECT_SIGNATURE'))
    for (const none of [
      undefined,
      null,
      'x',
      {},
      { ...subject, data: '0' },
      { ...subject, xpub: ada.xprv },
    ]) {
      assert.throws(() => verifySubject(none), refused('MALFORMED'))
    }
  })
})
