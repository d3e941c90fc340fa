import assert from 'node:assert/strict'
import { signSubject } from 'civic-attestations'
import type { Tree } from 'civic-attestations'
import { PostgresStores, Sealer } from 'civic-sip-server/database'
import { attesterSide } from '../../../sip/lib/attester/attester-side.ts'
import type { AttesterSide } from '../../../sip/lib/attester/attester-side.ts'
import { onServer } from '../../support/databases.ts'
import { person } from '../../support/recorded.ts'
import { PretendNode } from '../../support/node.ts'

const SET = 'attCivicResidence'
const PNG = Buffer.from('89504e470d0a1a0a00', 'hex').toString('base64')
const { xpub, xprv } = person('one')

describe('sip: a document that is approved once', () => {
  onServer((open) => {
    let sides: readonly AttesterSide[]
    let stores: PostgresStores
    beforeEach(async () => {
      const ledger = new PretendNode()
      const opened = [await open(), await open()].map(
        (database) => new PostgresStores(database, { sealer: new Sealer(['1'.repeat(64)]), clock: Date.now }),
      )
      stores = opened[0]!
      sides = opened.map((each) =>
        attesterSide(
          // Anchors nothing by itself
          { realPeople: true, anchoring: { every: 2 ** 31 - 1 } },
          {
            stores: each,
            clock: Date.now,
            secret: 'secret',
            ledger,
            mailer: undefined,
            texter: undefined,
            hasReviewers: true,
            log: undefined,
          },
        ),
      )
    })

    it('gets one anchor, even if many ask for its tree and sign it at once', async () => {
      const [{ attester, documents }] = sides as [AttesterSide]
      const claims = { 'documents.address.city': 'Amaurot' }
      const { id } = await attester.request({ label: SET, xpub, claims, codes: {}, picture: PNG })
      const [waiting] = await documents!.waiting()
      await documents!.decide(waiting!.key, { isApproved: true })
      const roots = new Set<string>()
      const sign = async (at: number): Promise<unknown> => {
        const { attester } = sides[at % 2]!
        const { tree } = await attester.status(id)
        const { root } = tree as Tree
        roots.add(root)
        return attester.sign(id, signSubject({ label: SET, data: root }, xprv))
      }
      const signed = await Promise.allSettled(Array.from({ length: 50 }, (_, at) => sign(at)))
      assert.equal(signed.filter(({ status }) => status === 'fulfilled').length, 1)
      assert.equal(roots.size, 1, 'all of them see the same tree')
      assert.equal((await stores.anchoring.count()).waiting, 1)
      const { state, tree } = await attester.status(id)
      assert.deepEqual([state, tree], ['anchoring', undefined])
    })
  })
})
