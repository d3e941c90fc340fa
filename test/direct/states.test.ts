import assert from 'node:assert/strict'
import { mock } from 'node:test'
import { LedgerUnavailable } from 'civic-attestations'
import { MemoryDirectStore } from '../../lib/direct/index.ts'
import type { DirectStore } from '../../lib/direct/index.ts'
import { authorities, fundedLedger } from '../support/issuer.ts'
import { at } from '../support/clock.ts'
import { Person, seal } from '../support/person.ts'
import { Shop } from '../support/shop.ts'
import type { Started } from '../support/shop.ts'

const PRIVATE = { channel: 'scan', scopeRequest: 'ANONYMOUS_LOGIN' }
const ada = new Person('ada')
const eve = new Person('eve')
function body({ status, json }: { status: number; json: object }) {
  return [status, json]
}

describe('a request', () => {
  let shop: Shop
  let begun: Started
  before(async () => {
    shop = await Shop.start()
  })
  after(() => shop.stop())
  beforeEach(async () => {
    begun = await shop.begin(PRIVATE)
  })
  const approve = async (by = ada) => {
    const token = await shop.token(begun)
    return shop.answer(begun, seal(by.answer(token), token))
  }

  it('waits until a wallet reads it', async () => {
    assert.deepEqual(body(await shop.poll(begun)), [202, { statusCode: 202, state: 'waiting' }])
    await shop.token(begun)
    assert.deepEqual(body(await shop.poll(begun)), [202, { statusCode: 202, state: 'read' }])
  })

  it('is the same token for every wallet: a GET signs nothing', async () => {
    assert.equal(await shop.token(begun), await shop.token(begun))
  })

  it('can be read by everybody, from any page', async () => {
    const { headers } = await shop.send('GET', new URL(begun.url).pathname)
    assert.equal(headers['access-control-allow-origin'], '*')
    assert.equal(headers['set-cookie'], undefined)
  })

  for (const headers of [{ 'Sec-Fetch-Mode': 'navigate' }, { Accept: 'text/html,*/*;q=0.8' }]) {
    it(`shows a person who opens it in a browser a page, and no token: ${JSON.stringify(headers)}`, async () => {
      const reply = await shop.send('GET', new URL(begun.url).pathname, { headers })
      assert.match(reply.text, /<title>A login request/)
      assert.ok(!reply.text.includes('eyJ'))
      assert.deepEqual(body(await shop.poll(begun)), [202, { statusCode: 202, state: 'waiting' }])
    })
  }

  it('is dispatched once approved, and gives the wallet a code of 6 digits', async () => {
    const reply = await approve()
    assert.deepEqual(Object.keys(reply.json), ['status', 'confirm'])
    assert.match(reply.json['confirm'] as string, /^\d{6}$/)
    assert.equal(reply.headers['access-control-allow-origin'], '*')
    assert.deepEqual(body(await shop.poll(begun)), [200, { statusCode: 200, action: 'data-dispatched' }])
  })

  it('on the same device gives the wallet the return URL, with a response code', async () => {
    begun = await shop.begin({ ...PRIVATE, channel: 'link' })
    const reply = await approve()
    assert.deepEqual(Object.keys(reply.json), ['status', 'redirectUri'])
    const start = `${shop.origin}/#uuid=${begun.uuid}&response_code=`
    assert.match((reply.json['redirectUri'] as string).slice(start.length), /^[\w-]{43}$/)
    assert.ok((reply.json['redirectUri'] as string).startsWith(start))
  })

  it('accepts one response: the same bytes get the same reply, others 409', async () => {
    const token = await shop.token(begun)
    const sealed = seal(ada.answer(token), token)
    const first = await shop.answer(begun, sealed)
    assert.deepEqual((await shop.answer(begun, sealed)).json, first.json)
    const others = [
      seal(ada.answer(token), token),
      seal(eve.answer(token), token),
      seal({ status: 'denied' }, token),
    ]
    for (const other of others) {
      const reply = await shop.answer(begun, other)
      assert.deepEqual([reply.status, reply.json['code']], [409, 'ANSWERED'])
    }
  })

  it('that has a response is over for wallets that have not read it', async () => {
    await approve()
    const reply = await shop.send('GET', new URL(begun.url).pathname)
    assert.deepEqual([reply.status, reply.json['code']], [410, 'OVER'])
  })

  it('is over once declined, and says so', async () => {
    const token = await shop.token(begun)
    const sealed = seal({ status: 'denied' }, token)
    for (let repeat = 0; repeat < 2; repeat++) {
      assert.deepEqual(body(await shop.answer(begun, sealed)), [200, { status: 'denied' }])
    }
    assert.deepEqual(body(await shop.poll(begun)), [200, { statusCode: 200, action: 'user-cancelled' }])
    assert.equal((await shop.answer(begun, seal(ada.answer(token), token))).status, 410)
  })

  describe('of a dialog that was closed', () => {
    const cancel = ({ uuid }: Started, headers: Record<string, string>) =>
      shop.send('POST', `/civic/${uuid}/cancel`, { headers })

    it('ends, and no wallet can respond any more', async () => {
      const token = await shop.token(begun)
      assert.deepEqual(body(await cancel(begun, { Cookie: begun.cookie })), [200, {}])
      assert.deepEqual(body(await shop.poll(begun)), [200, { statusCode: 200, action: 'expired' }])
      assert.equal((await shop.answer(begun, seal(ada.answer(token), token))).status, 410)
    })

    it('does not change if it has a response', async () => {
      await approve()
      await cancel(begun, { Cookie: begun.cookie })
      assert.deepEqual(body(await shop.poll(begun)), [200, { statusCode: 200, action: 'data-dispatched' }])
    })

    it('does not change if another browser says so, or one without a cookie', async () => {
      const other = await shop.begin(PRIVATE)
      for (const headers of [{ Cookie: other.cookie }, {}]) {
        assert.deepEqual(body(await cancel(begun, headers)), [200, {}])
      }
      assert.deepEqual(body(await shop.poll(begun)), [202, { statusCode: 202, state: 'waiting' }])
    })
  })

  it('ends after ten bad responses, even for a good one', async () => {
    const token = await shop.token(begun)
    const bad = () => seal({ status: 'neither' }, token)
    const first = bad()
    assert.equal((await shop.answer(begun, first)).status, 400)
    // The same bytes count once, and what has not even the form of an answer not at all
    assert.equal((await shop.answer(begun, first)).status, 400)
    assert.equal((await shop.answer(begun, 'x.y.z')).status, 400)
    for (let n = 2; n < 10; n++) assert.equal((await shop.answer(begun, bad())).status, 400)
    assert.deepEqual(body(await shop.poll(begun)), [202, { statusCode: 202, state: 'read' }])
    assert.equal((await shop.answer(begun, bad())).status, 400)
    assert.deepEqual(body(await shop.poll(begun)), [200, { statusCode: 200, action: 'expired' }])
    assert.equal((await shop.answer(begun, seal(ada.answer(token), token))).status, 410)
  })

  it('decrypts at most ten responses: a later one is not decrypted when it comes again', async () => {
    let wait: (value: undefined) => void = () => undefined
    const ledger = fundedLedger()
    const slow = await Shop.start({ ledger, authorities })
    try {
      const people = [await Person.attested('ada', ledger)]
      const asked = await slow.begin()
      const token = await slow.token(asked)
      const down = new Promise<undefined>((resolve) => (wait = resolve))
      let reached = 0
      const tenth = new Promise<void>((resolve) => {
        ledger.txHex = () => {
          if (++reached === 10) resolve()
          return down
        }
      })
      const early = Array.from({ length: 10 }, () =>
        slow.answer(asked, seal(people[0]!.answer(token), token)),
      )
      await Promise.race([tenth, Promise.all(early)])
      const late = seal(people[0]!.answer(token), token)
      for (let repeat = 0; repeat < 2; repeat++) assert.equal((await slow.answer(asked, late)).status, 409)
      assert.equal(reached, 10)
      wait(undefined)
      const statuses = (await Promise.all(early)).map(({ status }) => status).sort()
      assert.deepEqual(statuses, [200, ...Array<number>(9).fill(409)])
    } finally {
      await slow.stop()
    }
  })

  it('is over after its timeout', async () => {
    const token = await shop.token(begun)
    await at(120_001, async () => {
      assert.equal((await shop.send('GET', new URL(begun.url).pathname)).status, 410)
      assert.equal((await shop.answer(begun, seal(ada.answer(token), token))).status, 410)
      assert.deepEqual(body(await shop.poll(begun)), [200, { statusCode: 200, action: 'expired' }])
    })
  })

  it('that was approved is over if no browser comes for it', async () => {
    await at(119_000, () => approve())
    await at(238_000, async () => {
      assert.deepEqual(body(await shop.poll(begun)), [200, { statusCode: 200, action: 'data-dispatched' }])
    })
    await at(239_500, async () => {
      assert.deepEqual(body(await shop.poll(begun)), [200, { statusCode: 200, action: 'expired' }])
    })
  })

  it('is unknown later', async () => {
    await at(360_001, async () => {
      assert.equal((await shop.poll(begun)).status, 404)
      assert.equal((await shop.send('GET', new URL(begun.url).pathname)).status, 404)
    })
  })

  it('of another browser is unknown', async () => {
    const other = await shop.begin(PRIVATE)
    const unknown = await shop.poll({ uuid: '00000000-0000-4000-8000-000000000000', cookie: begun.cookie })
    for (const cookie of [other.cookie, '', 'civic-direct=x']) {
      const reply = await shop.poll({ uuid: begun.uuid, cookie })
      assert.deepEqual(body(reply), body(unknown))
      assert.equal(reply.status, 404)
    }
  })

  it('that is unknown is 404', async () => {
    const uuid = '00000000-0000-4000-8000-000000000000'
    assert.equal((await shop.send('GET', `/civic/${uuid}/callback`)).status, 404)
    assert.equal((await shop.answer({ uuid }, 'x')).status, 404)
  })

  it('accepts only JSON from wallets', async () => {
    const path = new URL(begun.url).pathname
    const form = await shop.send('POST', path, {
      body: 'answer=x',
      headers: { 'Content-Type': 'text/plain' },
    })
    assert.equal(form.status, 415)
    const large = await shop.send('POST', path, { body: { answer: 'x'.repeat(2 * 1024 * 1024) } })
    assert.equal(large.status, 413)
    assert.equal((await shop.send('PUT', path, { body: {} })).headers['allow'], 'GET, POST')
    const { status, headers } = await shop.send('OPTIONS', path)
    assert.equal(status, 204)
    assert.equal(headers['access-control-allow-origin'], '*')
    assert.equal(headers['access-control-allow-headers'], 'Content-Type')
    assert.equal(headers['access-control-allow-credentials'], undefined)
  })
})

describe('fifty simultaneous responses', () => {
  it('have one winner', async () => {
    const shop = await Shop.start()
    try {
      const begun = await shop.begin(PRIVATE)
      const token = await shop.token(begun)
      const sealed = Array.from({ length: 25 }, (_, n) =>
        seal(new Person(`person ${n}`).answer(token), token),
      )
      const replies = await Promise.all([...sealed, ...sealed].map((answer) => shop.answer(begun, answer)))
      const winners = replies.filter(({ status }) => status === 200)
      assert.equal(new Set(winners.map(({ text }) => text)).size, 1)
      assert.ok(winners.length <= 2)
      assert.ok(replies.every(({ status }) => status === 200 || status === 409))
    } finally {
      await shop.stop()
    }
  })
})

describe('wallet and browser', () => {
  for (const [what, proximity, status] of [
    ['may be in two networks by default', 'off', 200],
    ['may be in two networks where that is only reported', 'report', 200],
    ['must be in one network where the site says so', 'same-network', 403],
  ] as const) {
    it(what, async () => {
      const shop = await Shop.start({ proximity })
      try {
        const begun = await shop.begin(PRIVATE)
        const token = await shop.token(begun)
        const sealed = seal(ada.answer(token), token)
        const reply = await shop.answerFrom('192.0.2.7', begun, sealed)
        assert.equal(reply.status, status)
        if (status === 403) {
          assert.equal(reply.json['code'], 'OTHER_NETWORK')
          assert.equal((await shop.answer(begun, sealed)).status, 200)
        }
      } finally {
        await shop.stop()
      }
    })
  }

  it('in one network need no code if the site wants none', async () => {
    const shop = await Shop.start({ proximity: 'same-network', confirm: false })
    try {
      const begun = await shop.begin(PRIVATE)
      const token = await shop.token(begun)
      assert.deepEqual((await shop.answer(begun, seal(ada.answer(token), token))).json, {
        status: 'resolved',
      })
    } finally {
      await shop.stop()
    }
  })
})

describe('a failure', () => {
  it('of the ledger is 503, and the same bytes succeed afterwards', async () => {
    const ledger = fundedLedger()
    const shop = await Shop.start({ ledger, authorities })
    try {
      const person = await Person.attested('ada', ledger)
      const begun = await shop.begin()
      const token = await shop.token(begun)
      const sealed = seal(person.answer(token), token)
      const txHex = ledger.txHex.bind(ledger)
      ledger.txHex = () => Promise.reject(new LedgerUnavailable('down'))
      const down = await shop.answer(begun, sealed)
      assert.deepEqual([down.status, down.headers['retry-after']], [503, '5'])
      assert.equal(down.headers['access-control-allow-origin'], '*')
      ledger.txHex = txHex
      assert.equal((await shop.answer(begun, sealed)).status, 200)
    } finally {
      await shop.stop()
    }
  })

  it('of the ledger for longer than a wallet waits is 503', async () => {
    const ledger = fundedLedger()
    const person = await Person.attested('ada', ledger)
    const shop = await Shop.start({ ledger, authorities })
    try {
      const begun = await shop.begin()
      const token = await shop.token(begun)
      const sealed = seal(person.answer(token), token)
      const asked = new Promise<void>((resolve) => {
        ledger.txHex = () => {
          resolve()
          return new Promise(() => undefined)
        }
      })
      mock.timers.enable({ apis: ['setTimeout'] })
      const answered = shop.answer(begun, sealed)
      await asked
      mock.timers.tick(8_000)
      assert.equal((await answered).status, 503)
    } finally {
      mock.timers.reset()
      await shop.stop()
    }
  })

  it('of a store that loses an outcome ends the request', async () => {
    const store = new MemoryDirectStore()
    const shop = await Shop.start({ store })
    try {
      const begun = await shop.begin(PRIVATE)
      const token = await shop.token(begun)
      const add = store.add.bind(store)
      store.add = (key, value, ttlMs) =>
        key.endsWith(':outcome') ? Promise.resolve(false) : add(key, value, ttlMs)
      const reply = await shop.answer(begun, seal(ada.answer(token), token))
      assert.deepEqual([reply.status, reply.json['code']], [410, 'OVER'])
    } finally {
      await shop.stop()
    }
  })

  it('while an answer is verified may end the time that there was', async () => {
    const ledger = fundedLedger()
    const person = await Person.attested('ada', ledger)
    const shop = await Shop.start({ ledger, authorities })
    const now = Date.now
    try {
      const begun = await shop.begin()
      const token = await shop.token(begun)
      const txHex = ledger.txHex.bind(ledger)
      ledger.txHex = (txid) => {
        Date.now = () => now() + 120_001
        return txHex(txid)
      }
      assert.equal((await shop.answer(begun, seal(person.answer(token), token))).status, 410)
    } finally {
      Date.now = now
      await shop.stop()
    }
  })

  const broken: Record<string, Partial<DirectStore>> = {
    'fails to write': { set: () => Promise.reject(new Error('SET secret')) },
    throws: {
      set: () => {
        throw new Error('SET secret')
      },
    },
  }
  for (const [what, parts] of Object.entries(broken)) {
    it(`of a store that ${what} is 503, and tells nothing of it`, async () => {
      const store = Object.assign(new MemoryDirectStore(), parts)
      const shop = await Shop.start({ store })
      try {
        const reply = await shop.send('POST', '/civic/start', {
          body: PRIVATE,
          headers: { 'Sec-Fetch-Site': 'same-origin' },
        })
        const message = 'This cannot be checked now: try again later'
        const unavailable = { statusCode: 503, code: 'CIVIC_STORE_UNAVAILABLE', message }
        assert.deepEqual(body(reply), [503, unavailable])
        assert.ok(!reply.text.includes('secret'))
      } finally {
        await shop.stop()
      }
    })
  }
})
