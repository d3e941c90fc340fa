import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import {
  draftAnchor,
  draftRevocation,
  finishDraft,
  fundingScript,
  issue,
  merkleTree,
  signDraft,
  signSubject,
  withAnchor,
} from 'civic-attestations'
import type { Attestation, Draft, FundingOutput, Issuer as Parties } from 'civic-attestations'
import { OwnProofs } from '../../sip/lib/attester/proofs.ts'
import { Codes } from '../../sip/lib/attester/codes.ts'
import { signReview } from '../../sip/lib/attester/review.ts'
import type { Approval } from '../../sip/lib/documents/review-text.ts'
import { authorityKey, PATH } from '../../sip/lib/attester/signers.ts'
import { publicKeyOf } from '../../sip/lib/attester/xpub.ts'
import { newRecoveryKey } from '../../sip/lib/cosigner/cosign.ts'
import { Cosigner } from '../../sip/lib/cosigner/cosigner.ts'
import type { CosignerOptions } from '../../sip/lib/cosigner/cosigner.ts'
import { MemoryCosigner } from '../../sip/lib/cosigner/memory-store.ts'
import { MemoryCodes } from '../../sip/lib/store/memory-codes.ts'
import { newKeyPair } from '../../sandbox/lib/new-keys.ts'
import { EMAIL } from '../support/sandbox-attester.ts'
import { person } from '../support/recorded.ts'
import { PretendNode } from '../support/node.ts'

const FINN = 'finn@example.org'
const HOUR = 60 * 60_000

describe('sip: the cosigner', () => {
  const key = newRecoveryKey()
  const recovery = newRecoveryKey()
  const authority = authorityKey('seed')
  const parties: Parties = {
    authority: { xpub: authority.xpub, path: PATH },
    cosigners: [{ xpub: key.xpub }, { xpub: recovery.xpub }],
  }
  const reviewer = newKeyPair()
  const holder = person('one')
  const publicKey = publicKeyOf(holder.xpub)
  let time: number
  let sent: string[]
  let store: MemoryCosigner
  let funds: FundingOutput[]
  beforeEach(async () => {
    time = Date.UTC(2026, 0, 1)
    sent = []
    store = new MemoryCosigner()
    const node = new PretendNode()
    for (let i = 0; i < 3; i += 1) node.mine(fundingScript(parties))
    const scriptHash = createHash('sha256')
      .update(Buffer.from(fundingScript(parties), 'hex'))
      .digest('hex')
    funds = await Promise.all(
      (await node.utxos(scriptHash)).map(async ({ txid, vout }) => ({ tx: (await node.txHex(txid))!, vout })),
    )
  })
  const open = (options: Partial<CosignerOptions> = {}): Cosigner => {
    const codes = new Codes({ store: new MemoryCodes(() => time), clock: () => time, secret: 'secret' })
    const proofs = new OwnProofs({ codes, mailer: { send: ({ text }) => void sent.push(text) } })
    const reviewers = [reviewer.pubKey]
    return new Cosigner({
      key,
      recovery: recovery.xpub,
      store,
      proofs,
      reviewers,
      clock: () => time,
      ...options,
    })
  }
  const limitsMoneyOnly = { proofs: undefined, reviewers: [] }

  const treeOf = (claims: Record<string, string>, set = 'attCivicBasic'): Attestation[] => {
    const tree = merkleTree(claims)
    const subject = signSubject({ label: set, data: tree.root }, holder.xprv)
    return issue({ ...parties, label: set, claims: tree, subject })
  }
  const subjectOf = ([first]: Attestation[]) => first!.attn.attestation.attestation.subject
  const draftOf = (
    trees: Attestation[][],
    options: { feeRate?: number; funds?: FundingOutput[] } = {},
  ): Draft => draftAnchor({ issuer: parties, subjects: trees.map(subjectOf), funds, ...options })
  const email = { label: EMAIL, address: FINN, publicKey }
  const prove = async (cosigner: Cosigner): Promise<void> => {
    await cosigner.sendCode(email, 'wallet.example.org')
    const [code] = /\b\d{6}\b/.exec(sent.at(-1)!)!
    assert.equal(await cosigner.redeem(email, code), true)
  }
  const sign = (cosigner: Cosigner, draft: Draft, trees: Attestation[][], approval?: Approval) =>
    cosigner.sign(parties, draft, { trees: trees.map((attestations) => ({ attestations, approval })) })
  const refuses = (signing: Promise<unknown>, why: RegExp) =>
    assert.rejects(
      signing,
      (error: { status: number; message: string }) => error.status === 403 && why.test(error.message),
    )

  it('signs an anchor for a code that it sent', async () => {
    const cosigner = open()
    await prove(cosigner)
    const tree = treeOf({ [EMAIL]: FINN })
    const signatures = await sign(cosigner, draftOf([tree]), [tree])
    assert.equal(signatures.length, 1)
  })

  it('signs no sweep: neither to somebody else, nor to the funds to burn money', async () => {
    const cosigner = open(limitsMoneyOnly)
    const tree = treeOf({ [EMAIL]: FINN })
    const draft = draftOf([tree])
    const [anchored, change] = draft.outputs as [Draft['outputs'][number], Draft['outputs'][number]]
    const foreign = { script: '76a914000000000000000000000000000000000000000088ac', value: change.value }
    await refuses(sign(cosigner, { ...draft, outputs: [foreign, anchored] }, []), /pays to somebody else/)
    await refuses(sign(cosigner, { ...draft, outputs: [anchored, foreign] }, [tree]), /pays to somebody else/)
    await refuses(sign(cosigner, { ...draft, outputs: [change] }, []), /neither anchors nor revokes/)
  })

  it('signs one anchor of the right value for each tree that it sees, and no other', async () => {
    const cosigner = open(limitsMoneyOnly)
    const [tree, other] = [treeOf({ [EMAIL]: FINN }), treeOf({ [EMAIL]: FINN })]
    const draft = draftOf([tree])
    const [anchored, change] = draft.outputs as [Draft['outputs'][number], Draft['outputs'][number]]
    await refuses(sign(cosigner, draft, []), /pays to somebody else/)
    await refuses(sign(cosigner, draft, [other]), /does not anchor each tree/)
    await refuses(sign(cosigner, draft, [tree, tree]), /does not anchor each tree/)
    const poor = { ...anchored, value: 5460 }
    await refuses(sign(cosigner, { ...draft, outputs: [poor, change] }, [tree]), /5461 satoshi/)
    const less = { ...change, value: change.value - 5461 }
    const twice = { ...draft, outputs: [anchored, anchored, less] }
    await refuses(sign(cosigner, twice, [tree]), /one anchor twice/)
    const negative = { ...draft, outputs: [{ ...anchored, value: -1 }, change] }
    await refuses(sign(cosigner, negative, [tree]), /funds and anchors alone/)
  })

  it('signs nothing for an incomplete tree, or a tree of another issuer', async () => {
    const cosigner = open(limitsMoneyOnly)
    const tree = treeOf({ [EMAIL]: FINN, 'contact.personal.phoneNumber': '+1 202 555 0143' })
    await refuses(sign(cosigner, draftOf([tree]), [tree.slice(0, 1)]), /./)
    const stranger = { ...parties, authority: { xpub: authorityKey('other').xpub, path: PATH } }
    const swapped = { ...parties, cosigners: [...parties.cosigners].reverse() as typeof parties.cosigners }
    await sign(cosigner, draftOf([tree]), [tree])
    for (const other of [stranger, swapped]) {
      await refuses(
        cosigner.sign(other, draftOf([tree]), { trees: [{ attestations: tree }] }),
        /another|others/,
      )
    }
  })

  it('signs only revocations for an authority that its operator has replaced by the next one', async () => {
    const cosigner = open(limitsMoneyOnly)
    const tree = treeOf({ [EMAIL]: FINN })
    assert.equal(await store.replaceAuthority(), false)
    const draft = draftOf([tree])
    const signatures = await sign(cosigner, draft, [tree])
    const { tx } = finishDraft(draft, signDraft(draft, authority.xprv, PATH), signatures)
    assert.equal(await store.replaceAuthority(), true)
    await refuses(sign(cosigner, draft, [tree]), /was replaced/)
    const attested = withAnchor(tree, { tx, network: 'tbch' })[0]!.attn.attestation.attestation
    const revocation = draftRevocation({ attested: [attested], funds })
    assert.ok((await sign(cosigner, revocation, [])).length > 0)
    // The next authority is known from its first call, although it may not spend this money
    const next = { ...parties, authority: { xpub: authorityKey('next').xpub, path: PATH } }
    await refuses(cosigner.sign(next, draft, { trees: [] }), /./)
    assert.equal(await store.once('authority', 'x'), next.authority.xpub)
  })

  it('signs no anchor without evidence, or with evidence that was used', async () => {
    const cosigner = open()
    const [tree, next] = [treeOf({ [EMAIL]: FINN }), treeOf({ [EMAIL]: FINN })]
    await refuses(sign(cosigner, draftOf([tree]), [tree]), /evidence is missing, or used already/)
    await prove(cosigner)
    await refuses(sign(cosigner, draftOf([tree, next]), [tree, next]), /evidence/)
    const other = treeOf({ [EMAIL]: 'gwen@example.org' })
    await refuses(sign(cosigner, draftOf([other]), [other]), /evidence/)
    await sign(cosigner, draftOf([tree]), [tree])
    await refuses(sign(cosigner, draftOf([next]), [next]), /evidence/)
    await prove(cosigner)
    await sign(cosigner, draftOf([next]), [next])
  })

  it('sends codes only to what is an address', async () => {
    const cosigner = open()
    const phone = 'contact.personal.phoneNumber'
    for (const [label, address] of [
      [EMAIL, 'finn@example.org, gwen@example.org'],
      [EMAIL, '+1 202 555 0143'],
      [phone, FINN],
    ] as const) {
      await assert.rejects(cosigner.sendCode({ label, address, publicKey }, undefined), { status: 400 })
    }
    assert.deepEqual(sent, [])
  })

  it('does not accept a wrong code as evidence', async () => {
    const cosigner = open()
    await cosigner.sendCode(email, undefined)
    assert.equal(await cosigner.redeem(email, 'WRONG'), false)
    const tree = treeOf({ [EMAIL]: FINN })
    await refuses(sign(cosigner, draftOf([tree]), [tree]), /evidence/)
  })

  it('signs a replacement that spends the same, and no second anchor of one tree', async () => {
    const cosigner = open()
    await prove(cosigner)
    const tree = treeOf({ [EMAIL]: FINN })
    await sign(cosigner, draftOf([tree]), [tree])
    await sign(cosigner, draftOf([tree], { feeRate: 5 }), [tree])
    await prove(cosigner)
    await refuses(
      sign(cosigner, draftOf([tree], { funds: funds.toReversed() }), [tree]),
      /anchored by another/,
    )
  })

  it('accepts a reviewer’s signature over exactly these claims as evidence, once', async () => {
    const cosigner = open()
    const set = 'attCivicIdentity'
    const claims = { 'documents.genericId.name': 'Finn Frost' }
    const approval = signReview({ id: 'one', publicKey, set, claims }, reviewer.prvKey, reviewer.pubKey)
    const other = newKeyPair()
    const [tree, next] = [treeOf(claims, set), treeOf(claims, set)]
    for (const wrong of [
      undefined,
      { ...approval, id: 'two' },
      signReview(
        { id: 'one', publicKey, set, claims: { ...claims, x: 'y' } },
        reviewer.prvKey,
        reviewer.pubKey,
      ),
      signReview({ id: 'one', publicKey, set, claims }, other.prvKey, other.pubKey),
      signReview(
        { id: 'one', publicKey: publicKeyOf(person('two').xpub), set, claims },
        reviewer.prvKey,
        reviewer.pubKey,
      ),
      signReview(
        { id: 'one', publicKey, set: 'attCivicResidence', claims },
        reviewer.prvKey,
        reviewer.pubKey,
      ),
    ]) {
      await refuses(sign(cosigner, draftOf([tree]), [tree], wrong), /evidence/)
    }
    await sign(cosigner, draftOf([tree]), [tree], approval)
    await refuses(sign(cosigner, draftOf([next]), [next], approval), /evidence/)
  })

  it('signs no fee that is too high, and limits anchors and fees an hour', async () => {
    const tree = (): Attestation[] => treeOf({ [EMAIL]: FINN })
    const [one, two] = [tree(), tree()]
    const dear = open(limitsMoneyOnly)
    await refuses(sign(dear, draftOf([one], { feeRate: 101 }), [one]), /fee is too high/)
    const few = open({ ...limitsMoneyOnly, limits: { anchors: 1, fee: 1_000_000 } })
    await sign(few, draftOf([one]), [one])
    await refuses(sign(few, draftOf([two]), [two]), /too much was signed/)
    time += HOUR
    await sign(few, draftOf([two]), [two])
    store = new MemoryCosigner()
    const cheap = open({ ...limitsMoneyOnly, limits: { anchors: 10, fee: 600 } })
    await sign(cheap, draftOf([one]), [one])
    await refuses(sign(cheap, draftOf([two]), [two]), /too much was signed/)
  })

  it('spends only this issuer’s anchors and money', async () => {
    const cosigner = open(limitsMoneyOnly)
    const tree = treeOf({ [EMAIL]: FINN })
    const draft = draftOf([tree])
    const [input] = draft.inputs as [Draft['inputs'][number]]
    await refuses(
      sign(cosigner, { ...draft, inputs: [{ ...input, redeem: '51' }] }, [tree]),
      /funds and anchors alone/,
    )
    await refuses(sign(cosigner, { ...draft, inputs: [input, input] }, [tree]), /funds and anchors alone/)
  })

  it('says what it asks for', () => {
    const facts = { version: 1, xpubs: [key.xpub, recovery.xpub] }
    assert.deepEqual(open().facts, {
      ...facts,
      needsEvidence: true,
      sendsCodes: true,
      sendsTexts: false,
      reviewers: [reviewer.pubKey],
    })
    assert.deepEqual(open(limitsMoneyOnly).facts, {
      ...facts,
      needsEvidence: false,
      sendsCodes: false,
      sendsTexts: false,
      reviewers: [],
    })
  })
})
