import assert from 'node:assert/strict'
import { MemoryLimits } from '../../../sip/lib/http/rate-limits.ts'
import { person } from '../../support/recorded.ts'
import { AttesterServer } from '../support/attester-server.ts'

const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
const RESIDENCE = {
  label: 'attCivicResidence',
  claims: { 'documents.address.city': 'Amaurot' },
  picture: PNG,
}
const BASIC = { label: 'attCivicBasic', claims: { 'contact.personal.email': 'ada@example.org' } }

describe('sip: documents that reviewers check', () => {
  let server: AttesterServer
  let looked: number
  before(async () => {
    server = await AttesterServer.start({
      mailer: { send: () => undefined },
      trustProxy: 1,
      limits: new MemoryLimits({ document: { points: 2, duration: 60, isShared: false } }),
      attester: { identityProvider: { look: () => Promise.resolve(void (looked += 1)) } },
    })
  })
  after(() => server.stop())

  it('are few from one address, so that nobody fills the desk', async () => {
    looked = 0
    const upload = async (address: string, wish: object): Promise<number> => {
      const { status } = await fetch(`${server.origin}/attester/attestations`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', 'X-Forwarded-For': address },
        body: JSON.stringify({ ...wish, xpub: person('one').xpub }),
      })
      return status
    }
    const wanted = [202, 202, 429]
    for (const status of wanted) assert.equal(await upload('192.0.2.1', RESIDENCE), status)
    assert.equal(looked, 2)
    assert.equal(await upload('192.0.2.2', RESIDENCE), 202)
    // What no document proves: here the code is missing
    assert.equal(await upload('192.0.2.1', BASIC), 403)
  })
})
