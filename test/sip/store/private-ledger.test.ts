import assert from 'node:assert/strict'
import {
  anchorOf,
  anchor,
  EmbeddedLedger,
  findFunds,
  fundingScript,
  revoke,
  verifyOnLedger,
} from 'civic-attestations'
import type { Ledger } from 'civic-attestations'
import { PrivateLedger } from 'civic-sip-server/database'
import type { Database } from 'civic-sip-server/database'
import { eachDatabase } from '../../support/databases.ts'
import { authorities, ISSUER, issueTo, now, SIGNERS } from '../../support/issuer.ts'
import { person } from '../../support/recorded.ts'
import { refusedFor } from '../../support/refused.ts'

const FUNDS = fundingScript(ISSUER)

/** What both ledgers say of these transactions. */
async function answersOf(ledger: Ledger, txids: readonly string[]): Promise<unknown> {
  return {
    tip: await ledger.tipHeight(),
    txs: await Promise.all(txids.map((txid) => ledger.tx(txid))),
    hex: await Promise.all(txids.map((txid) => ledger.txHex(txid))),
    status: await Promise.all(txids.map((txid) => ledger.txStatus(txid))),
    spends: await Promise.all(txids.flatMap((txid) => [0, 1, 2].map((vout) => ledger.outspend(txid, vout)))),
    funds: (await findFunds(ledger, ISSUER)).toSorted((one, other) => one.tx.localeCompare(other.tx)),
  }
}

describe('sip: private ledger', () => {
  eachDatabase((_name, open) => {
    let database: Database
    let ledger: PrivateLedger
    beforeEach(async () => {
      database = await open()
      ledger = await PrivateLedger.open(database, { clock: now })
    })

    it('responds as EmbeddedLedger does, through the life of an attestation', async () => {
      const embedded = new EmbeddedLedger({ now })
      const same = async (...txids: string[]): Promise<void> => {
        assert.deepEqual(await answersOf(ledger, txids), await answersOf(embedded, txids))
      }
      const both = async (raw: string): Promise<void> => {
        assert.equal(await ledger.broadcast(raw), await embedded.broadcast(raw))
      }
      embedded.mine(FUNDS)
      await ledger.mine(FUNDS)
      const attestations = issueTo(person('ada'))
      const funds = await findFunds(ledger, ISSUER)
      const anchored = anchor({ attestations, keys: SIGNERS, funds, network: ledger.network })
      await both(anchored.tx)
      await same(anchored.txid, '0'.repeat(64))
      embedded.mine()
      await ledger.mineWaiting()
      await ledger.mineWaiting()
      await same(anchored.txid)
      const { txid, vout } = anchorOf(anchored.attestations[0]!)
      const [attestation] = anchored.attestations
      const state = await verifyOnLedger(attestation, ledger, { authorities })
      assert.deepEqual(state, await verifyOnLedger(attestation, embedded, { authorities }))
      const spent = revoke({ attestation: anchored.attestations[0]!, keys: SIGNERS })
      await both(spent.tx)
      await same(anchored.txid, spent.txid)
      embedded.mine(FUNDS)
      await ledger.mine(FUNDS)
      await same(anchored.txid, spent.txid)
      assert.equal((await ledger.outspend(txid, vout)).spent, true)
    })

    it('refuses invalid and known transactions, and those that spend a spent output', async () => {
      await ledger.mine(FUNDS)
      const funds = await findFunds(ledger, ISSUER)
      const make = (holder: string) =>
        anchor({ attestations: issueTo(person(holder)), keys: SIGNERS, funds, network: ledger.network }).tx
      const first = make('ada')
      await assert.rejects(ledger.broadcast('00'), refusedFor('TX decode failed'))
      await ledger.broadcast(first)
      await assert.rejects(ledger.broadcast(first), refusedFor('txn-already-known'))
      await assert.rejects(ledger.broadcast(make('bob')), refusedFor('txn-mempool-conflict'))
      await ledger.mineWaiting()
      await assert.rejects(ledger.broadcast(make('bob')), refusedFor('bad-txns-inputs-missingorspent'))
    })

    it('lets one of two processes spend an output, and one make each block', async () => {
      const others = await PrivateLedger.open(await open(), { clock: now })
      await Promise.all([ledger.mine(FUNDS), others.mine()])
      assert.equal(await others.tipHeight(), 2)
      const funds = await findFunds(ledger, ISSUER)
      const txs = Array.from({ length: 8 }, (_, i) =>
        anchor({ attestations: issueTo(person(`${i}`)), keys: SIGNERS, funds, network: ledger.network }),
      )
      const sent = await Promise.allSettled(txs.map(({ tx }, i) => (i % 2 ? ledger : others).broadcast(tx)))
      assert.equal(sent.filter(({ status }) => status === 'fulfilled').length, 1)
      await Promise.all(Array.from({ length: 8 }, (_, i) => (i % 2 ? ledger : others).mineWaiting()))
      assert.equal(await ledger.tipHeight(), 3)
    })

    it('creates the attester’s funds', async () => {
      await ledger.attester.fund(FUNDS)
      assert.equal((await findFunds(ledger, ISSUER)).length, 1)
    })

    it('is unavailable when its database is', async () => {
      const breaks = { ...database }
      const unreliable = await PrivateLedger.open(breaks, { clock: now })
      const fail = () => Promise.reject(new Error('the connection broke'))
      Object.assign(breaks, { pool: { query: fail, connect: fail } })
      const unavailable = { name: 'LedgerUnavailable' }
      await assert.rejects(unreliable.tipHeight(), unavailable)
      await assert.rejects(unreliable.txHex('0'.repeat(64)), unavailable)
      await assert.rejects(unreliable.utxos('0'.repeat(64)), unavailable)
      await assert.rejects(unreliable.broadcast('00'), refusedFor('TX decode failed'))
    })
  })
})
