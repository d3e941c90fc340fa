import assert from 'node:assert/strict'
import {
  anchorScript,
  draftAnchor,
  draftRevocation,
  EsploraLedger,
  findFunds,
  finishDraft,
  handleEsplora,
  inspectDraft,
  signDraft,
  verifyOnLedger,
  withAnchor,
} from 'civic-attestations'
import type { Attestation, Draft, EmbeddedLedger, Ledger, Signed } from 'civic-attestations'
import {
  anchorTo,
  authorities,
  fundedLedger,
  ISSUER,
  issueTo,
  SECOND_COSIGNER,
  SIGNERS,
} from '../support/issuer.ts'
import { person } from '../support/recorded.ts'

const PATH = ISSUER.authority.path
const [, COSIGNER] = SIGNERS

function attestedOf(attestations: readonly Attestation[]) {
  return attestations[0]!.attn.attestation.attestation
}

function signed(draft: Draft, keys: readonly string[] = SIGNERS): Signed {
  return finishDraft(draft, ...keys.map((key) => signDraft(draft, key, PATH)))
}

describe('attestations: transactions whose parties sign separately', () => {
  let ledger: EmbeddedLedger
  beforeEach(() => {
    ledger = fundedLedger()
  })
  const people = ['one', 'two', 'three'].map((name) => person(name))
  const trees = people.map((holder) => issueTo(holder))
  const subjects = trees.map((tree) => attestedOf(tree).subject)
  const stateOf = async (tree: readonly Attestation[]): Promise<string> =>
    (await verifyOnLedger(tree[0], ledger, { authorities })).state

  it('anchor several trees at once', async () => {
    const draft = draftAnchor({ issuer: ISSUER, subjects, funds: await findFunds(ledger, ISSUER) })
    const { tx } = signed(JSON.parse(JSON.stringify(draft)) as Draft)
    await ledger.broadcast(tx)
    ledger.mine()
    for (const tree of trees) {
      assert.equal(await stateOf(withAnchor(tree, { tx, network: ledger.network })), 'unspent')
    }
  })

  it('revoke several trees at once, and pay a higher fee from funds', async () => {
    const anchored: Attestation[][] = []
    for (const tree of trees) anchored.push((await anchorTo(ledger, tree)).attestations)
    const draft = draftRevocation({
      attested: anchored.map(attestedOf),
      feeRate: 100,
      funds: await findFunds(ledger, ISSUER),
    })
    assert.equal(draft.inputs.length, 4)
    await ledger.broadcast(signed(draft, [COSIGNER, SECOND_COSIGNER]).tx)
    ledger.mine()
    for (const tree of anchored) assert.equal(await stateOf(tree), 'spent')
    assert.throws(() => draftRevocation({ attested: [] }), TypeError)
  })

  it('say that they can be replaced (BIP 125)', async () => {
    const { attestations } = await anchorTo(ledger, trees[0]!)
    const { txid } = await verifyOnLedger(attestations[0], ledger, { authorities })
    assert.equal((await ledger.tx(txid))!.vin[0]!.sequence, 0xfffffffd)
  })

  it('are not made with a wrong or missing signature', async () => {
    const draft = draftAnchor({ issuer: ISSUER, subjects, funds: await findFunds(ledger, ISSUER) })
    const [one, two] = SIGNERS.map((key) => signDraft(draft, key, PATH))
    const other = { ...draft, outputs: draft.outputs.slice(1) }
    assert.throws(() => finishDraft(draft, one!), TypeError)
    assert.throws(() => finishDraft(draft, one!, one!), TypeError)
    assert.throws(() => finishDraft(other, one!, two!), TypeError)
    assert.throws(() => signDraft(draft, person('nobody').xprv, PATH), TypeError)
  })

  describe('read by a party before it signs', () => {
    it('show what they spend and pay, and the fee', async () => {
      const { attestations, txid } = await anchorTo(ledger, trees[0]!)
      const revocation = draftRevocation({ attested: [attestedOf(attestations)] })
      const facts = inspectDraft(revocation, ISSUER)
      assert.deepEqual(facts.inputs, [{ kind: 'anchor', txid, vout: 0 }])
      const [change] = facts.outputs
      assert.equal(change!.kind, 'change')
      assert.equal(facts.fee, 5461 - change!.value)
      const after = [signed(revocation)]
      const funds = await findFunds(ledger, ISSUER)
      const draft = draftAnchor({ issuer: ISSUER, subjects: [subjects[1]!], funds, after })
      const { inputs, outputs, bytes } = inspectDraft(draft, ISSUER)
      assert.deepEqual(
        inputs.map(({ kind }) => kind),
        ['funds', 'funds'],
      )
      assert.deepEqual(outputs[0], {
        kind: 'script',
        script: anchorScript(ISSUER, subjects[1]!),
        value: 5461,
      })
      assert.ok(signed(draft).tx.length / 2 <= bytes)
    })

    it('are refused with other money, the same input twice, or another form', async () => {
      const draft = draftAnchor({ issuer: ISSUER, subjects, funds: await findFunds(ledger, ISSUER) })
      const [input] = draft.inputs as [Draft['inputs'][number]]
      const other = { ...ISSUER, cosigners: [...ISSUER.cosigners].reverse() as typeof ISSUER.cosigners }
      assert.throws(() => inspectDraft(draft, other), TypeError)
      const wrong: Draft[] = [
        { ...draft, inputs: [] },
        { ...draft, inputs: [input, input] },
        { ...draft, inputs: [{ ...input, vout: 7 }] },
        { ...draft, inputs: [{ ...input, redeem: '51' }] },
        { ...draft, inputs: [{ ...input, redeem: 'zz' }] },
        { ...draft, inputs: [{ ...input, tx: '00' }] },
        { ...draft, outputs: [{ script: 'zz', value: 1 }] },
        { ...draft, outputs: [{ script: '6a', value: -1 }] },
        { ...draft, outputs: [{ script: '6a', value: 0.5 }] },
      ]
      for (const one of wrong) assert.throws(() => inspectDraft(one, ISSUER), TypeError)
    })
  })

  describe('fees', () => {
    const answer = (body: unknown) => {
      const fetch = () => Promise.resolve(new Response(JSON.stringify(body)))
      return new EsploraLedger('https://ledger.example.org', { fetch, retries: 0 }).feeEstimates()
    }

    it('are estimated by the ledger, by number of blocks', async () => {
      assert.deepEqual(await answer({ '1': 87.8, '144': 1.02 }), { '1': 87.8, '144': 1.02 })
      for (const wrong of [{ x: 1 }, { '1': 'many' }, { '1': -1 }, { '1': null }, 7]) {
        await assert.rejects(answer(wrong), { name: 'LedgerUnavailable' })
      }
    })

    it('are served as by Esplora, and absent if the next block takes every transaction', async () => {
      const bodyOf = async (served: Ledger) => (await handleEsplora(served, 'GET', '/fee-estimates')).body
      assert.equal(await bodyOf(ledger), '{}')
      const dear = Object.assign(Object.create(ledger) as Ledger, {
        feeEstimates: () => Promise.resolve({ '6': 3 }),
      })
      assert.equal(await bodyOf(dear), '{"6":3}')
    })
  })
})
