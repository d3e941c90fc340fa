import assert from 'node:assert/strict'
import { DirectRequests, MemoryDirectStore } from '../../lib/direct/index.ts'
import type { DirectOptions } from '../../lib/direct/index.ts'
import type { DirectCore } from '../../lib/direct/core.ts'
import { coreOf } from '../../lib/direct/requests.ts'
import { at } from '../support/clock.ts'
import { Person, seal } from '../support/person.ts'
import { OPTIONS, Shop } from '../support/shop.ts'
import type { JsonReply } from '../support/shop.ts'

const UUID = '00000000-0000-4000-8000-000000000000'
const BROWSER = 'the cookie of a browser'
const REQ = { headers: {}, ip: '192.0.2.7' }
const ada = new Person('ada')
const NO_CODES = { confirm: undefined, responseCode: undefined }

function newCore(options: Partial<DirectOptions> = {}): DirectCore {
  return coreOf(new DirectRequests({ ...OPTIONS, ...options }))
}

function approval(token: string, by = ada): string {
  return seal(by.answer(token), token)
}

/** A private login whose request a wallet has read. */
async function begun(core: DirectCore, channel: 'scan' | 'link' = 'scan') {
  const { uuid } = await core.start(REQ, channel, 'ANONYMOUS_LOGIN', BROWSER)
  const { token } = await core.readRequest(uuid)
  return { uuid, token }
}

async function approved(core: DirectCore, channel: 'scan' | 'link' = 'scan') {
  const { uuid, token } = await begun(core, channel)
  const sealed = approval(token)
  const { confirm } = (await core.answer(uuid, sealed, REQ)) as { confirm?: string }
  return { uuid, sealed, codes: { confirm, responseCode: undefined } }
}

describe('a wallet or a page is told why it is refused', () => {
  let core: DirectCore
  let shop: Shop
  before(async () => {
    core = newCore()
    shop = await Shop.start()
  })
  after(() => shop.stop())

  const home = { 'Sec-Fetch-Site': 'same-origin' }
  const start = (body: unknown, headers: Record<string, string> = {}) =>
    shop.send('POST', '/civic/start', { body, headers: { ...home, ...headers } })
  const noObject = [400, 'UNREADABLE', 'The body is not a JSON object'] as const
  const notFound = [404, 'NOT_FOUND', 'This request does not exist'] as const
  const byHttp: Record<string, readonly [() => Promise<JsonReply>, number, string, string]> = {
    'a page of another site': [
      () => start({}, { 'Sec-Fetch-Site': 'cross-site' }),
      403,
      'CIVIC_CROSS_ORIGIN',
      "The request is not from one of this site's own pages (trustedOrigins lists others)",
    ],
    'a form': [
      () => start('channel=scan', { 'Content-Type': 'application/x-www-form-urlencoded' }),
      415,
      'MEDIA_TYPE',
      'The body must be application/json',
    ],
    'a body that is not JSON': [() => start('{'), ...noObject],
    'a body that is an array': [() => start([]), ...noObject],
    'a body that is too large': [
      () => start('x'.repeat(2 * 1024 * 1024 + 1)),
      413,
      'TOO_LARGE',
      'The body is larger than 2 MiB',
    ],
    'another method': [
      () => shop.send('PUT', '/civic/start', { body: {} }),
      405,
      'METHOD',
      'This method is not allowed here',
    ],
    'a poll of an unknown request': [() => shop.poll({ uuid: UUID, cookie: '' }), ...notFound],
    'a wallet that reads an unknown request': [
      () => shop.send('GET', `/civic/${UUID}/callback`),
      ...notFound,
    ],
    'a body without a response': [
      async () => shop.answer(await shop.begin(), undefined),
      400,
      'UNREADABLE',
      'The body contains no answer',
    ],
  }
  for (const [what, [send, statusCode, code, message]] of Object.entries(byHttp)) {
    it(`${what}: ${statusCode} ${code}`, async () => {
      const { status, json } = await send()
      assert.deepEqual([status, json], [statusCode, { statusCode, code, message }])
    })
  }

  const ended = [410, 'OVER', 'The request has ended'] as const
  const refusals: Record<string, readonly [() => Promise<unknown>, number, string, string]> = {
    'a channel of native apps': [
      () => core.start(REQ, 'app', undefined, BROWSER),
      400,
      'CHANNEL',
      "channel must be 'scan' or 'link'",
    ],
    ...Object.fromEntries(
      ['LEGAL', 7, ['BASIC_SIGNUP']].map((scopeRequest) => [
        `a scope request ${JSON.stringify(scopeRequest)}`,
        [
          () => core.start(REQ, 'scan', scopeRequest, BROWSER),
          400,
          'SCOPE_REQUEST',
          'scopeRequest must be one that this site makes',
        ],
      ]),
    ),
    'a login while too many are open': [
      async () => {
        const full = newCore({ maxOpen: 1 })
        await begun(full)
        await begun(full)
      },
      429,
      'TOO_MANY',
      'Too many logins are started: try again later',
    ],
    'a wallet in another network': [
      async () => {
        const near = newCore({ proximity: 'same-network' })
        const { uuid, token } = await begun(near)
        await near.answer(uuid, approval(token), { ...REQ, ip: '203.0.113.7' } as never)
      },
      403,
      'OTHER_NETWORK',
      'Wallet and browser must be in the same network',
    ],
    'a second wallet': [
      async () => {
        const { uuid, token } = await begun(core)
        await core.answer(uuid, approval(token), REQ)
        await core.answer(uuid, approval(token, new Person('eve')), REQ)
      },
      409,
      'ANSWERED',
      'Another wallet answered this request',
    ],
    'an eleventh wallet': [
      async () => {
        const store = new MemoryDirectStore()
        const busy = newCore({ store })
        const { uuid, token } = await begun(busy)
        for (let n = 1; n <= 10; n++) await store.add(`${uuid}:answer:${n}`, 'another', 10_000)
        await busy.answer(uuid, approval(token), REQ)
      },
      409,
      'ANSWERED',
      'Too many wallets have responded to this request',
    ],
    'a wallet that reads an expired request': [
      async () => {
        const { uuid } = await begun(core)
        await at(120_000, () => core.readRequest(uuid))
      },
      ...ended,
    ],
    'a wallet that comes back after three wrong codes': [
      async () => {
        const { uuid, sealed } = await approved(core)
        const codes = { confirm: 'wrong', responseCode: undefined }
        for (let n = 0; n < 3; n++) await assert.rejects(core.finish(uuid, BROWSER, codes))
        await core.answer(uuid, sealed, REQ)
      },
      ...ended,
    ],
  }
  for (const [what, [work, status, code, message]] of Object.entries(refusals)) {
    it(`${what}: ${status} ${code}`, async () => {
      await assert.rejects(work(), { name: 'AnswerRefused', status, code, message })
    })
  }
})

describe('a browser is told why its login is refused', () => {
  let core: DirectCore
  before(() => {
    core = newCore()
  })
  const type = 'Type the 6 digits that your wallet shows'
  const foreign = 'The response code does not belong to this login'
  const ended = 'The request has ended: start the login again'
  const refusals: Record<
    string,
    readonly [() => Promise<unknown>, code: string, reason: string, message: string]
  > = {
    'one that did not start the request': [
      async () => core.finish((await begun(core)).uuid, 'another', NO_CODES),
      'CIVIC_REQUEST_UNBOUND',
      'browser',
      'This browser did not start the request: start the login again',
    ],
    'before a wallet has responded': [
      async () => core.finish((await begun(core)).uuid, BROWSER, NO_CODES),
      'CIVIC_REQUEST_PENDING',
      'pending',
      'No wallet has responded to the request yet',
    ],
    'after the person declined': [
      async () => {
        const { uuid, token } = await begun(core)
        await core.answer(uuid, seal({ status: 'denied' }, token), REQ)
        await core.finish(uuid, BROWSER, NO_CODES)
      },
      'CIVIC_REQUEST_DENIED',
      'denied',
      'The person declined the request',
    ],
    'without the six digits': [
      async () => core.finish((await approved(core)).uuid, BROWSER, NO_CODES),
      'CIVIC_CONFIRM_WRONG',
      'missing',
      type,
    ],
    'with wrong digits': [
      async () => core.finish((await approved(core)).uuid, BROWSER, { ...NO_CODES, confirm: 'x' }),
      'CIVIC_CONFIRM_WRONG',
      'mismatch',
      type,
    ],
    'with a wrong response code': [
      async () =>
        core.finish((await approved(core, 'link')).uuid, BROWSER, { ...NO_CODES, responseCode: 'x' }),
      'CIVIC_RESPONSE_CODE',
      'mismatch',
      foreign,
    ],
    'after the login has expired': [
      async () => {
        const { uuid, codes } = await approved(core)
        await at(121_000, () => core.finish(uuid, BROWSER, codes))
      },
      'CIVIC_REQUEST_EXPIRED',
      'over',
      ended,
    ],
    'after it succeeded, with a wrong code and too late': [
      async () => {
        const { uuid, codes } = await approved(core)
        await core.finish(uuid, BROWSER, codes)
        await at(121_000, () => core.finish(uuid, BROWSER, { ...codes, confirm: 'x' }))
      },
      'CIVIC_REQUEST_EXPIRED',
      'taken',
      ended,
    ],
    'while the store fails': [
      async () => {
        const store = new MemoryDirectStore()
        const failing = newCore({ store })
        const { uuid } = await begun(failing)
        store.get = () => Promise.reject(new Error('GET secret'))
        await failing.finish(uuid, BROWSER, NO_CODES)
      },
      'CIVIC_STORE_UNAVAILABLE',
      'store',
      'The request store fails or is too slow',
    ],
  }
  for (const [what, [work, code, reason, message]] of Object.entries(refusals)) {
    it(`${what}: ${code} ${reason}`, async () => {
      await assert.rejects(work(), { name: 'CivicError', code, reason, message })
    })
  }

  it('but a poll says that it has logged in, even after the login has expired', async () => {
    const { uuid, codes } = await approved(core)
    await core.finish(uuid, BROWSER, codes)
    const polled = await at(121_000, () => core.poll(uuid, BROWSER))
    assert.deepEqual(polled, { statusCode: 200, action: 'data-dispatched' })
  })
})

describe('a request frees its slot', () => {
  const ends: Record<string, (core: DirectCore) => Promise<unknown>> = {
    'when it is approved': approved,
    'when it is declined': async (core) => {
      const { uuid, token } = await begun(core)
      await core.answer(uuid, seal({ status: 'denied' }, token), REQ)
    },
    'when its dialog is closed': async (core) => core.cancel((await begun(core)).uuid, BROWSER),
  }
  for (const [when, end] of Object.entries(ends)) {
    it(when, async () => {
      const core = newCore({ maxOpen: 1 })
      await end(core)
      await begun(core)
    })
  }

  it('when the store cannot store it', async () => {
    const store = new MemoryDirectStore()
    const core = newCore({ maxOpen: 1, store })
    const set = store.set.bind(store)
    store.set = () => Promise.reject(new Error('down'))
    await assert.rejects(begun(core), { code: 'CIVIC_STORE_UNAVAILABLE' })
    store.set = set
    await begun(core)
  })
})
