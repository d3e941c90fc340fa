import assert from 'node:assert/strict'
import {
  anchorScript,
  balance,
  draftAnchor,
  findFunds,
  finishDraft,
  fundingAddress,
  fundingScript,
  signDraft,
  TransactionRefused,
} from 'civic-attestations'
import type { Draft, FundingOutput, Issuer as Parties, Signed } from 'civic-attestations'
import { PUBLIC_LEDGER, withDefaults } from '../../../sip/lib/attester/policy.ts'
import { PATH } from '../../../sip/lib/attester/signers.ts'
import type { ExtendedKey } from '../../../sip/lib/attester/xpub.ts'
import { newRecoveryKey } from '../../../sip/lib/cosigner/cosign.ts'
import { recover } from '../../../sip/lib/recovery/recover.ts'
import type { Holder, RecoverOptions } from '../../../sip/lib/recovery/recover.ts'
import { issueTo } from '../../support/issuer.ts'
import { PretendNode } from '../../support/node.ts'
import { person } from '../../support/recorded.ts'

const ADDRESS = 'tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx'
const SCRIPT = '0014751e76e8199196d454941c45d1b3a323f1433bd6'
const COINBASE = 50 * 1e8

describe('civic-sip-server recover: the money when one of three keys is lost', () => {
  const [authority, next] = [newRecoveryKey(), newRecoveryKey()]
  const [cosigner, recovery] = [newRecoveryKey(), newRecoveryKey()]
  const partiesOf = (xpub: string): Parties => ({
    authority: { xpub, path: PATH },
    cosigners: [{ xpub: cosigner.xpub }, { xpub: recovery.xpub }],
  })
  const parties = partiesOf(authority.xpub)
  const server: Holder = { parties, own: authority }
  let node: PretendNode
  let lines: string[]
  let questions: string[]
  let recorded: string[]
  let turns: number
  beforeEach(() => {
    node = new PretendNode()
    node.mine(fundingScript(parties))
    lines = []
    questions = []
    recorded = []
    turns = 0
  })

  /** @param answers what the operator types, in turn */
  const options = (answers: readonly string[], changes: Partial<RecoverOptions> = {}): RecoverOptions => {
    const left = [...answers]
    return {
      holders: [server],
      ledger: node,
      policy: withDefaults(PUBLIC_LEDGER),
      to: ADDRESS,
      isSure: false,
      dialog: {
        say: (line) => void lines.push(line),
        ask: (question, { hidden = false } = {}) => {
          questions.push(hidden ? `${question}(hidden)` : question)
          return Promise.resolve(left.shift())
        },
      },
      alone: (work) => {
        turns += 1
        return work()
      },
      record: async (txid) => {
        assert.equal(await node.tx(txid), undefined, 'it is recorded before it is sent')
        recorded.push(txid)
      },
      ...changes,
    }
  }
  const fails = async (answers: readonly string[], message: RegExp, changes?: Partial<RecoverOptions>) => {
    const taken = node.taken.length
    await assert.rejects(recover(options(answers, changes)), { name: 'RecoveryError', message })
    assert.equal(node.taken.length, taken, 'nothing is sent')
    const said = JSON.stringify([lines, String(message)])
    for (const { xprv } of [authority, cosigner, recovery]) assert.ok(!said.includes(xprv))
  }
  /** What arrived at the address. */
  const paid = async (txid: string): Promise<number> => {
    const { vout } = (await node.tx(txid))!
    assert.deepEqual(
      vout.map(({ scriptpubkey }) => scriptpubkey),
      [SCRIPT],
    )
    return vout[0]!.value
  }

  /** The server anchors a tree, in a transaction that waits for a block. */
  async function anchorFor(name: string, funds: readonly FundingOutput[]) {
    const { subject } = issueTo(person(name))[0]!.attn.attestation.attestation
    const draft = draftAnchor({ issuer: parties, subjects: [subject], funds })
    const { tx, txid } = signed(draft, authority)
    await node.broadcast(tx)
    return { txid, script: anchorScript(parties, subject) }
  }

  function signed(draft: Draft, own: ExtendedKey): Signed {
    return finishDraft(draft, ...[own, cosigner].map(({ xprv }) => signDraft(draft, xprv, PATH)))
  }

  for (const [who, own] of [
    ['the server, if the cosigner is lost', authority],
    ['the cosigner, if the server is lost', cosigner],
  ] as const)
    it(`goes to an address, signed by the recovery key and ${who}`, async () => {
      node.feeRate = 4
      node.mine(fundingScript(parties))
      const [txid = ''] = await recover(options([recovery.xprv, 'yes'], { holders: [{ parties, own }] }))
      const { fee, vin, size } = (await node.tx(txid))!
      assert.equal(vin.length, 2)
      assert.equal(await paid(txid), 2 * COINBASE - fee)
      assert.ok(fee >= 4 * size && fee < 4.2 * size)
      assert.equal(await balance(node, parties), 0)
      assert.deepEqual(recorded, [txid])
      assert.equal(turns, 1)
    })

  it('is shown before the operator agrees', async () => {
    const [txid] = await recover(options([`  ${recovery.xprv.replace(/(.{4})/g, '$1 ')}`, ' yes ']))
    const { vin, fee } = (await node.tx(txid!))!
    assert.deepEqual(questions, ['Recovery key (xprv…): (hidden)', 'Type yes to move the money: '])
    assert.deepEqual(lines, [
      `From    ${fundingAddress(parties, 'tbch')}`,
      `Input   ${vin[0]!.txid}:0`,
      `Amount  ${COINBASE - fee} satoshi`,
      `Fee     ${fee} satoshi, 1.0 for each byte`,
      `To      ${ADDRESS}`,
      '',
      `Sent to ${ADDRESS} in transaction ${txid}.`,
    ])
  })

  it('stays where it is, unless the operator types yes', async () => {
    for (const answers of [[], ['y'], ['no']])
      await fails([recovery.xprv, ...answers], /^Nothing was moved\.$/)
    await recover(options([recovery.xprv], { isSure: true }))
    assert.equal(node.taken.length, 1)
  })

  it('is gone the second time', async () => {
    await recover(options([recovery.xprv, 'yes']))
    for (let i = 0; i < 2; i += 1) {
      await fails([], /^Nothing to recover: no money is at 2\w+\.$/)
      node.mine()
    }
    assert.equal(questions.length, 2)
  })

  it('leaves anchors as they are, and change that waits for a block', async () => {
    const { txid, script } = await anchorFor('one', await findFunds(node, parties))
    await fails([], /^Nothing to recover now: 49\d+ satoshi are at 2\w+, but they wait for a block/)
    node.mine(fundingScript(parties))
    await anchorFor('two', await findFunds(node, parties, { most: 1 }))
    await recover(options([recovery.xprv, 'yes']))
    assert.match(lines.join('\n'), /^Stays {3}\d+ satoshi: run this again after the next block$/m)
    node.mine()
    await recover(options([recovery.xprv, 'yes']))
    assert.equal(await balance(node, parties), 0)
    const { vout } = (await node.tx(txid))!
    const anchor = vout.findIndex(({ scriptpubkey }) => scriptpubkey === script)
    assert.equal((await node.outspend(txid, anchor)).spent, false)
  })

  it('is moved from former keys as well', async () => {
    const former = partiesOf(next.xpub)
    node.mine(fundingScript(former))
    const holders = [server, { parties: former, own: next }]
    const txids = await recover(options([recovery.xprv, 'yes'], { holders }))
    assert.equal(txids.length, 2)
    for (const txid of txids) assert.ok((await paid(txid)) > COINBASE - 1000)
    assert.deepEqual(recorded, txids)
  })

  it('is named where it stays: another key holds it, or it waits for a block', async () => {
    const third = newRecoveryKey()
    const source: Holder = { parties: partiesOf(third.xpub), own: third }
    const waiting: Holder = { parties: partiesOf(newRecoveryKey().xpub), own: newRecoveryKey() }
    const [xpub, address] = [newRecoveryKey().xpub, fundingAddress(waiting.parties, 'tbch')]
    const former: Parties = { ...partiesOf(next.xpub), cosigners: [{ xpub: cosigner.xpub }, { xpub }] }
    node.mine(fundingScript(former))
    node.mine(fundingScript(source.parties))
    const [txid] = await recover(options([recovery.xprv, 'yes'], { holders: [source], to: address }))
    lines = []
    const holders = [server, { parties: former, own: next }, waiting]
    await recover(options([recovery.xprv, 'yes'], { holders }))
    assert.deepEqual(lines.slice(5, -1), [
      '',
      `From    ${fundingAddress(former, 'tbch')}`,
      `Stays   ${COINBASE} satoshi: run this again with the recovery key of ${xpub}`,
      '',
      `From    ${address}`,
      `Stays   ${(await node.tx(txid!))!.vout[0]!.value} satoshi: run this again after the next block`,
      '',
    ])
  })

  describe('is refused', () => {
    it('to an address of another network, or to where it is', async () => {
      const network = /^--to: it is not an address of the network tbch/
      await fails([], network, { to: 'bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4' })
      await fails([], network, { to: 'nobody' })
      await fails([], /^--to: the money is at this address already/, { to: fundingAddress(parties, 'tbch') })
      assert.deepEqual(questions, [])
    })

    it('without the recovery key', async () => {
      await fails([], /^Type the recovery key, or give it on the standard input/)
      const form = /^This is not an extended private key, 111 characters from xprv/
      const { xprv, xpub } = recovery
      const typo = xprv.slice(0, -1) + (xprv.endsWith('a') ? 'b' : 'a')
      for (const wrong of ['', 'yes', xpub, typo, xprv + xprv]) await fails([wrong], form)
      const other = new RegExp(`not one of the three .* belongs to ${xpub}\\.$`)
      await fails([next.xprv], other)
      await fails([authority.xprv], /^This machine has this key already/)
    })

    it('if a server spends the same money meanwhile', async () => {
      const funds = await findFunds(node, parties)
      const alone: RecoverOptions['alone'] = async (work) => {
        await anchorFor('one', funds)
        return work()
      }
      const changed = /^A server spent some of the money meanwhile. Stop it/
      await assert.rejects(recover(options([recovery.xprv, 'yes'], { alone })), { message: changed })
      assert.equal(node.taken.length, 1)
      assert.deepEqual(recorded, [])
    })

    it('if it is worth less than the fee', async () => {
      await recover(options([recovery.xprv, 'yes'], { to: fundingAddress(partiesOf(next.xpub), 'tbch') }))
      node.mine()
      const policy = { ...withDefaults(PUBLIC_LEDGER), minFeeRate: 10_000, maxFeeRate: 10_000 }
      const poor = partiesOf(next.xpub)
      const draft = draftAnchor({ issuer: poor, subjects: [], funds: await findFunds(node, poor) })
      draft.outputs = [{ script: fundingScript(parties), value: 1_000 }]
      await node.broadcast(signed(draft, next).tx)
      node.mine()
      await fails([], /^Nothing to recover now: 1000 satoshi .* or are not worth the fee\.$/, { policy })
    })

    it('by the ledger, with its reason', async () => {
      node.broadcast = () => Promise.reject(new TransactionRefused('min relay fee not met'))
      await fails([recovery.xprv, 'yes'], /^The ledger refuses the transaction: min relay fee not met$/)
    })
  })

  it('may have moved if the ledger does not respond', async () => {
    const record = (txid: string): Promise<void> => {
      recorded.push(txid)
      node.isDown = true
      return Promise.resolve()
    }
    await fails(
      [recovery.xprv, 'yes'],
      /^The ledger did not respond, and may have transaction [0-9a-f]{64}\./,
      {
        record,
      },
    )
    assert.equal(recorded.length, 1)
    await assert.rejects(recover(options([])), { name: 'LedgerUnavailable' })
  })
})
