import assert from 'node:assert/strict'
import { fundingScript, merkleTree, signSubject, verifyOnLedger } from 'civic-attestations'
import type { Attestation } from 'civic-attestations'
import { Issuer } from '../../../sip/lib/attester/issuer.ts'
import type { IssuerOptions } from '../../../sip/lib/attester/issuer.ts'
import type { AnchoringPolicy } from '../../../sip/lib/attester/policy.ts'
import { localSigners } from '../../../sip/lib/attester/signers.ts'
import { MemoryStores } from '../../../sip/lib/store/memory.ts'
import { person } from '../../support/recorded.ts'
import { PretendNode } from '../../support/node.ts'

const SET = 'attCivicResidence'
const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

describe('sip: the anchor queue', () => {
  let time: number
  let node: PretendNode
  let stores: MemoryStores
  let lines: string[]
  beforeEach(() => {
    time = Date.UTC(2026, 0, 1)
    node = new PretendNode()
    stores = new MemoryStores({ clock: () => time })
    lines = []
  })
  const open = (
    policy: AnchoringPolicy = {},
    keys: Pick<IssuerOptions, 'former' | 'signers'> & { seed?: string } = {},
  ): Issuer => {
    const { seed = 'seed', ...others } = keys
    const { anchors, issuances, anchoring, turns } = stores
    return new Issuer({
      secret: seed === 'seed' ? 'secret' : `secret of ${seed}`,
      signers: localSigners(seed),
      ...others,
      chain: { ledger: node },
      // Works when the test says so
      policy: { every: 2 ** 31 - 1, ...policy },
      ...{ anchors, issuances, anchoring, turns },
      clock: () => time,
      log: (line) => lines.push(line),
    })
  }
  /** Pays into the funds, each time in a block. */
  const pay = async (issuer: Issuer, times = 1): Promise<void> => {
    const { address } = await issuer.status()
    assert.match(address, /^2/)
    for (let i = 0; i < times; i += 1) node.mine(scriptOf(localSigners('seed')))
  }
  let count = 0
  /** Has a tree wait. */
  const enqueue = async (issuer: Issuer, name: string, city = 'Amaurot'): Promise<string> => {
    const id = `${(count += 1)}`
    const tree = merkleTree({ 'documents.address.city': city })
    const subject = signSubject({ label: SET, data: tree.root }, person(name).xprv)
    await issuer.start(issuer.issue({ id, set: SET, tree, subject }))
    return id
  }
  const stateOf = async (issuer: Issuer, id: string): Promise<string> => {
    const { state, isSent, attestations } = (await issuer.find(id))!
    if (!isSent) return 'waiting'
    return `${state} ${(await onLedger(issuer, attestations[0]!)).state}`
  }
  const onLedger = (issuer: Issuer, attestation: Attestation) =>
    verifyOnLedger(attestation, node, { authorities: issuer.authorities })
  const states = (issuer: Issuer, ids: readonly string[]) => Promise.all(ids.map((id) => stateOf(issuer, id)))

  it('anchors many trees in one transaction', async () => {
    const issuer = open()
    await pay(issuer)
    const ids = [await enqueue(issuer, 'one'), await enqueue(issuer, 'two'), await enqueue(issuer, 'three')]
    await issuer.work()
    assert.equal(node.taken.length, 1)
    node.mine()
    await issuer.work()
    assert.deepEqual(
      await states(issuer, ids),
      ids.map(() => 'attested unspent'),
    )
    assert.equal((await stores.anchoring.count()).sendings, 0)
  })

  it('anchors a tree that a process kept before it died', async () => {
    const issuer = open()
    await pay(issuer)
    const { anchoring } = stores
    const enqueueing = anchoring.enqueue.bind(anchoring)
    anchoring.enqueue = () => Promise.reject(new Error('the process died'))
    await assert.rejects(enqueue(issuer, 'one'), /the process died/)
    anchoring.enqueue = enqueueing
    await issuer.refresh(`${count}`)
    await issuer.work()
    assert.equal(await stateOf(issuer, `${count}`), 'anchoring unconfirmed')
  })

  it('asks the stores as often for many trees of a transaction as for one', async () => {
    const callsFor = async (trees: number): Promise<number> => {
      node = new PretendNode()
      stores = new MemoryStores({ clock: () => time })
      const issuer = open()
      await pay(issuer)
      for (let at = 0; at < trees; at += 1) await enqueue(issuer, `person ${at}`)
      let calls = 0
      for (const store of [stores.anchors, stores.issuances, stores.anchoring]) {
        const methods = store as unknown as Record<string, (...values: unknown[]) => unknown>
        for (const name of Object.getOwnPropertyNames(Object.getPrototypeOf(store))) {
          const method = methods[name]
          if (typeof method !== 'function') continue
          methods[name] = (...values) => {
            calls += 1
            return method.apply(store, values)
          }
        }
      }
      await issuer.work()
      node.mine()
      await issuer.work()
      assert.equal((await stores.anchors.list()).length, trees)
      return calls
    }
    assert.equal(await callsFor(5), await callsFor(1))
  })

  it('anchors no tree twice that somebody asks for while it is anchored', async () => {
    const issuer = open()
    await pay(issuer)
    const id = await enqueue(issuer, 'one')
    const found = await stores.issuances.find(id)
    await issuer.work()
    node.mine()
    await issuer.work()
    const { issuances } = stores
    const finding = issuances.find.bind(issuances)
    issuances.find = () => Promise.resolve(found)
    await issuer.refresh(id)
    issuances.find = finding
    await issuer.work()
    assert.deepEqual([node.taken.length, (await stores.anchoring.count()).waiting], [1, 0])
  })

  it('forgets what is attested a month later, and keeps its anchor', async () => {
    const issuer = open()
    await pay(issuer)
    const id = await enqueue(issuer, 'one')
    await issuer.work()
    node.mine()
    await issuer.work()
    time += 30 * DAY - 1
    await issuer.sweep()
    assert.equal(await stateOf(issuer, id), 'attested unspent')
    time += 1
    await issuer.sweep()
    assert.equal(await issuer.find(id), undefined)
    assert.deepEqual(
      (await issuer.list()).map(({ revoked }) => revoked),
      [false],
    )
  })

  it('gives up a tree that could not be anchored for a week, and says why', async () => {
    const issuer = open()
    const id = await enqueue(issuer, 'one')
    await issuer.work()
    time += 7 * DAY
    await issuer.work()
    const { state, failure } = (await issuer.refresh(id))!
    assert.deepEqual([state, /too little money/.test(failure!)], ['refused', true])
    assert.equal((await stores.anchoring.count()).waiting, 0)
    time += 30 * DAY
    await issuer.sweep()
    assert.equal(await issuer.find(id), undefined)
  })

  it('puts no more into one transaction than a cosigner reads', async () => {
    const issuer = open({ maxBytes: 20_000 })
    await pay(issuer, 3)
    const picture = 'x'.repeat(7_000)
    const ids: string[] = []
    for (const name of ['one', 'two', 'three']) ids.push(await enqueue(issuer, name, picture))
    await issuer.work()
    const sendings = await stores.anchoring.sendings()
    assert.deepEqual(
      sendings.map(({ trees }) => trees),
      [ids.slice(0, 2), ids.slice(2)],
    )
  })

  it('has one live anchor for each key and set, even with two trees in the queue at once', async () => {
    const issuer = open()
    await pay(issuer)
    const ids = [await enqueue(issuer, 'one'), await enqueue(issuer, 'two'), await enqueue(issuer, 'one')]
    await issuer.work()
    node.mine()
    await issuer.work()
    assert.deepEqual(await states(issuer, ids), ['attested spent', 'attested unspent', 'attested unspent'])
  })

  it('asks the ledger once for the transaction of many earlier anchors', async () => {
    const asksFor = async (trees: number): Promise<number> => {
      node = new PretendNode()
      stores = new MemoryStores({ clock: () => time })
      const issuer = open()
      await pay(issuer)
      let asks = 0
      for (const _ of ['earlier', 'later']) {
        for (let at = 0; at < trees; at += 1) await enqueue(issuer, `person ${at}`)
        const txHex = node.txHex.bind(node)
        asks = 0
        node.txHex = (txid) => {
          asks += 1
          return txHex(txid)
        }
        await issuer.work()
        node.txHex = txHex
        node.mine()
        await issuer.work()
      }
      assert.equal((await stores.anchors.list()).filter(({ revoked }) => revoked).length, trees)
      return asks
    }
    assert.equal(await asksFor(3), await asksFor(1))
  })

  it('holds trees back for the configured time, or until they fill a transaction', async () => {
    const issuer = open({ groupFor: MINUTE, maxTrees: 2 })
    await pay(issuer)
    const first = await enqueue(issuer, 'one')
    await issuer.work()
    assert.equal(await stateOf(issuer, first), 'waiting')
    time += MINUTE
    await issuer.work()
    assert.equal(await stateOf(issuer, first), 'anchoring unconfirmed')
    const ids = [await enqueue(issuer, 'two'), await enqueue(issuer, 'three')]
    await issuer.work()
    assert.deepEqual(
      await states(issuer, ids),
      ids.map(() => 'anchoring unconfirmed'),
    )
  })

  it('counts an anchor once enough blocks hold it, and takes that back when a block is gone', async () => {
    const issuer = open({ confirmations: 2, settled: 3 })
    await pay(issuer)
    const id = await enqueue(issuer, 'one')
    await issuer.work()
    for (const expected of ['anchoring unspent', 'attested unspent']) {
      node.mine()
      await issuer.work()
      assert.equal(await stateOf(issuer, id), expected)
    }
    node.reorganise(2, { keeps: false })
    await issuer.work()
    assert.equal(await stateOf(issuer, id), 'anchoring unconfirmed')
    assert.equal((await issuer.find(id))!.attestations[0]!.attn.attestation.attestation.type, 'temporary')
    assert.match(lines.join('\n'), /the block of [0-9a-f]{64} is gone/)
    for (let i = 0; i < 3; i += 1) node.mine()
    await issuer.work()
    assert.equal(await stateOf(issuer, id), 'attested unspent')
    assert.equal((await stores.anchoring.count()).sendings, 0)
  })

  it('sends a forgotten transaction again, with the one that it spends', async () => {
    const issuer = open()
    await pay(issuer)
    const ids = [await enqueue(issuer, 'one')]
    await issuer.work()
    node.mine()
    await issuer.work()
    ids.push(await enqueue(issuer, 'one'))
    await issuer.work()
    const [attested] = await issuer.list()
    node.forget()
    assert.deepEqual(await states(issuer, ids), ['attested unspent', 'anchoring unconfirmed'])
    await issuer.work()
    node.mine()
    await issuer.work()
    assert.deepEqual(await states(issuer, ids), ['attested spent', 'attested unspent'])
    await issuer.revoke(attested!)
    node.forget()
    await issuer.work()
    node.mine()
    assert.equal(await stateOf(issuer, ids[1]!), 'attested spent')
  })

  describe('under a fee that is too low', () => {
    const policy = { replaceAfter: 60 * MINUTE, maxFeeRate: 20 }

    it('replaces a transaction with one that pays more, and the ledger takes one of them', async () => {
      const issuer = open(policy)
      await pay(issuer, 2)
      const ids = [await enqueue(issuer, 'one'), await enqueue(issuer, 'two')]
      await issuer.work()
      const [before] = await issuer.list()
      time += 60 * MINUTE
      node.feeRate = 8
      await issuer.work()
      assert.equal(node.taken.length, 2)
      const listed = await issuer.list()
      assert.equal(listed.length, 2)
      assert.ok(listed.every(({ txid }) => txid === node.taken[1] && txid !== before!.txid))
      node.mine()
      await issuer.work()
      assert.deepEqual(
        await states(issuer, ids),
        ids.map(() => 'attested unspent'),
      )
      const { fee, size } = (await node.tx(node.taken[1]!))!
      assert.ok(fee / size >= 8)
    })

    it('lists an anchor once, wherever a process stops while it replaces a transaction', async () => {
      for (let step = 0; ; step += 1) {
        node = new PretendNode()
        stores = new MemoryStores({ clock: () => time })
        await pay(open(policy), 2)
        await enqueue(open(policy), 'one')
        await open(policy).work()
        time += 60 * MINUTE
        node.feeRate = 8
        const died = await diesAt(step, stores, () => open(policy).work())
        await open(policy).work()
        node.mine()
        await open(policy).work()
        const listed = (await open(policy).list()).map(({ txid }) => txid)
        assert.deepEqual(listed, node.taken.slice(-1), `step ${step}`)
        if (!died) break
        assert.ok(step < 100)
      }
    })

    it('pays for the spending of an earlier anchor as well', async () => {
      const issuer = open(policy)
      await pay(issuer, 2)
      const ids = [await enqueue(issuer, 'one')]
      await issuer.work()
      node.mine()
      ids.push(await enqueue(issuer, 'one'))
      await issuer.work()
      time += 60 * MINUTE
      node.feeRate = 8
      await issuer.work()
      assert.equal(node.taken.length, 4)
      const [, before, , replaced] = await Promise.all(node.taken.map((txid) => node.tx(txid)))
      assert.ok((before!.fee + replaced!.fee) / (before!.size + replaced!.size) >= 8)
      node.mine()
      await issuer.work()
      assert.deepEqual(await states(issuer, ids), ['attested spent', 'attested unspent'])
    })

    it('accepts the earlier transaction if a block holds it', async () => {
      const issuer = open(policy)
      await pay(issuer)
      const id = await enqueue(issuer, 'one')
      await issuer.work()
      const [{ txid } = { txid: '' }] = await issuer.list()
      const raw = (await node.txHex(txid))!
      time += 60 * MINUTE
      await issuer.work()
      node.forget()
      await node.broadcast(raw)
      node.mine()
      await issuer.work()
      assert.equal(await stateOf(issuer, id), 'attested unspent')
      assert.deepEqual(
        (await issuer.list()).map((entry) => entry.txid),
        [txid],
      )
    })

    it('keeps the earlier transaction if the ledger refuses the later one', async () => {
      const issuer = open(policy)
      await pay(issuer)
      const id = await enqueue(issuer, 'one')
      await issuer.work()
      const listed = await issuer.list()
      time += 60 * MINUTE
      const broadcast = node.broadcast.bind(node)
      node.broadcast = (raw) => broadcast(raw.replace(/..$/, '01'))
      await issuer.work()
      node.broadcast = broadcast
      assert.deepEqual(
        (await issuer.list()).map(({ txid }) => txid),
        listed.map(({ txid }) => txid),
      )
      node.mine()
      await issuer.work()
      assert.equal(await stateOf(issuer, id), 'attested unspent')
    })

    it('pays no more than its limit', async () => {
      const issuer = open(policy)
      await pay(issuer)
      await enqueue(issuer, 'one')
      node.feeRate = 1_000
      await issuer.work()
      const { fee, size } = (await node.tx(node.taken[0]!))!
      assert.ok(fee / size >= 20 && fee / size < 24)
      time += 60 * MINUTE
      await issuer.work()
      assert.equal(node.taken.length, 1)
    })

    it('sends one transaction at a time, and does not replace one whose anchor was revoked', async () => {
      const issuer = open(policy)
      await pay(issuer, 2)
      const first = await enqueue(issuer, 'one')
      await issuer.work()
      const second = await enqueue(issuer, 'two')
      await issuer.work()
      assert.equal(await stateOf(issuer, second), 'waiting')
      await issuer.revoke((await issuer.list())[0]!)
      time += 60 * MINUTE
      node.feeRate = 8
      await issuer.work()
      assert.equal(node.taken.length, 2)
      node.mine()
      await issuer.work()
      assert.deepEqual(await states(issuer, [first, second]), ['attested spent', 'anchoring unconfirmed'])
    })
  })

  describe('after its keys were replaced', () => {
    const EMAIL = 'contact.personal.email'
    const former = { signers: [localSigners('seed')], secrets: ['secret'] }
    let old: Issuer
    let id: string
    beforeEach(async () => {
      old = open()
      await pay(old)
      node.mine(scriptOf(localSigners('new')))
      id = await enqueue(old, 'one')
      await old.work()
      node.mine()
      await old.work()
    })
    const anchored = async (): Promise<{ txid: string; vout: number }> => (await old.list())[0]!

    it('revokes what the former keys anchored', async () => {
      await open({}, { seed: 'new', former }).revoke(await anchored())
      assert.equal(await stateOf(old, id), 'attested spent')
    })

    it('cannot do so without them', async () => {
      const issuer = open({}, { seed: 'new' })
      await assert.rejects(issuer.revoke(await anchored()), { status: 409, message: /keys .* are gone/ })
      assert.equal(await stateOf(old, id), 'attested unspent')
      // Their new attestation does not wait for it
      const again = await enqueue(issuer, 'one')
      await issuer.work()
      assert.equal(await stateOf(issuer, again), 'anchoring unconfirmed')
    })

    it('anchors the same key and set again, and spends the former anchor first', async () => {
      const issuer = open({}, { seed: 'new', former })
      const again = await enqueue(issuer, 'one')
      await issuer.work()
      assert.equal(await stateOf(old, id), 'attested spent')
      assert.equal(await stateOf(issuer, again), 'anchoring unconfirmed')
      assert.deepEqual(lines, [])
    })

    it('refuses a tree that waited meanwhile, because its attestations name the former keys', async () => {
      const waiting = await enqueue(old, 'two')
      const issuer = open({}, { seed: 'new', former })
      const next = await enqueue(issuer, 'two')
      await issuer.work()
      const { state, failure } = (await issuer.find(waiting))!
      assert.deepEqual(
        [state, failure],
        ['refused', 'the keys of the attester were replaced: ask for it again'],
      )
      assert.equal(await stateOf(issuer, next), 'anchoring unconfirmed')
      assert.equal((await issuer.status()).waiting, 0)
    })

    it('refuses it if only the cosigner was replaced, too', async () => {
      const waiting = await enqueue(old, 'two')
      const { cosigners } = localSigners('new').parties
      const signers = { ...localSigners('new'), parties: { ...localSigners('seed').parties, cosigners } }
      const issuer = open({}, { signers })
      node.mine(fundingScript(signers.parties))
      await issuer.work()
      assert.equal((await issuer.find(waiting))!.state, 'refused')
      assert.equal(node.taken.length, 1)
    })

    it('neither waits for a transaction of the former keys, nor replaces it', async () => {
      const policy = { replaceAfter: 60 * MINUTE }
      old = open(policy)
      await pay(old)
      const before = await enqueue(old, 'two')
      await old.work()
      const issuer = open(policy, { seed: 'new', former })
      const after = await enqueue(issuer, 'three')
      await issuer.work()
      assert.equal(await stateOf(issuer, after), 'anchoring unconfirmed')
      time += 60 * MINUTE
      node.feeRate = 8
      await issuer.work()
      assert.match(lines.join('\n'), /^attester: \w{64} is replaced by \w{64}, for a higher fee$/)
      assert.equal(await stateOf(old, before), 'anchoring unconfirmed')
    })

    it('finds by a value what was attested under the former secret', async () => {
      const tree = merkleTree({ [EMAIL]: 'finn@example.org' })
      const set = 'attCivicBasic'
      const subject = signSubject({ label: set, data: tree.root }, person('two').xprv)
      await pay(old)
      await old.start(old.issue({ id: 'email', set, tree, subject }))
      await old.work()
      const issuer = open({}, { seed: 'new', former })
      assert.equal(await issuer.revokeMatching(EMAIL, 'finn@example.org'), 1)
      assert.equal(await issuer.revokeMatching(EMAIL, 'finn@example.org'), 0)
    })

    it('revokes by a value what it can, even if it has no keys for some', async () => {
      const gone = open({}, { seed: 'gone' })
      const tree = merkleTree({ [EMAIL]: 'finn@example.org' })
      const set = 'attCivicBasic'
      await pay(old)
      node.mine(scriptOf(localSigners('gone')))
      for (const [name, issuer] of [
        ['two', old],
        ['three', gone],
      ] as const) {
        const subject = signSubject({ label: set, data: tree.root }, person(name).xprv)
        await issuer.start(issuer.issue({ id: name, set, tree, subject }))
        await issuer.work()
      }
      const issuer = open({}, { seed: 'gone', signers: localSigners('new'), former })
      await assert.rejects(issuer.revokeMatching(EMAIL, 'finn@example.org'), { status: 409 })
      assert.match(await stateOf(old, 'two'), / spent$/)
      assert.doesNotMatch(await stateOf(gone, 'three'), / spent$/)
    })
  })

  describe('without money or ledger', () => {
    it('reports it, and continues once there is some', async () => {
      const issuer = open()
      const ids = [await enqueue(issuer, 'one'), await enqueue(issuer, 'two')]
      await issuer.work()
      for (const id of ids) assert.match((await issuer.find(id))!.failure!, /too little money/)
      assert.match((await issuer.status()).problems[0]!, /^the funds are low: pay some to 2/)
      await pay(issuer)
      assert.deepEqual((await issuer.status()).problems, [])
      await issuer.work()
      assert.equal(node.taken.length, 1)
      assert.equal((await issuer.find(ids[1]!))!.failure, undefined)
    })

    it('waits while the ledger cannot be reached, and sends nothing twice', async () => {
      const issuer = open()
      await pay(issuer)
      const id = await enqueue(issuer, 'one')
      node.isDown = true
      await issuer.work()
      const { problems, waiting } = await issuer.status()
      assert.deepEqual([problems, waiting], [['the blockchain cannot be reached'], 1])
      assert.equal((await issuer.find(id))!.failure, 'the blockchain cannot be reached')
      node.isDown = false
      // It takes the transaction, and does not say so
      const broadcast = node.broadcast.bind(node)
      node.broadcast = async (raw) => {
        await broadcast(raw)
        node.isDown = true
        return node.txHex('') as Promise<string>
      }
      await issuer.work()
      node.broadcast = broadcast
      node.isDown = false
      await issuer.work()
      assert.equal(node.taken.length, 1)
      assert.equal(await stateOf(issuer, id), 'anchoring unconfirmed')
    })
  })

  it('loses nothing and anchors nothing twice, wherever a process stops', async () => {
    for (let step = 0; ; step += 1) {
      node = new PretendNode()
      stores = new MemoryStores({ clock: () => time })
      await pay(open())
      const ids = [await enqueue(open(), 'one'), await enqueue(open(), 'two')]
      const died = await diesAt(step, stores, () => open().work())
      await open().work()
      node.mine()
      await open().work()
      assert.deepEqual(
        await states(open(), ids),
        ids.map(() => 'attested unspent'),
        `step ${step}`,
      )
      assert.equal(node.taken.length, 1, `step ${step}`)
      const listed = await open().list()
      assert.deepEqual(
        listed.map(({ txid }) => txid),
        [node.taken[0], node.taken[0]],
        `step ${step}`,
      )
      assert.equal((await stores.anchoring.count()).waiting, 0)
      if (!died) break
      assert.ok(step < 100)
    }
  })
})

/** Lets so many changes of the stores through, then none. @returns whether there were more */
async function diesAt(step: number, stores: MemoryStores, work: () => Promise<void>): Promise<boolean> {
  let left = step
  const dead = new Error('the process died')
  const restore: (() => void)[] = []
  for (const [store, names] of [
    [stores.anchoring, ['put', 'remove', 'enqueue', 'dequeue', 'setApart']],
    [stores.anchors, ['insert', 'remove', 'revoke']],
    [stores.issuances, ['update']],
  ] as const) {
    const methods = store as unknown as Record<string, (...values: unknown[]) => Promise<unknown>>
    for (const name of names) {
      const method = methods[name]!
      methods[name] = (...values) => (left-- > 0 ? method.apply(store, values) : Promise.reject(dead))
      restore.push(() => Reflect.deleteProperty(methods, name))
    }
  }
  try {
    await work()
  } catch (error) {
    assert.equal(error, dead)
  } finally {
    for (const one of restore) one()
  }
  return left < 0
}

function scriptOf({ parties }: ReturnType<typeof localSigners>): string {
  return fundingScript(parties)
}
