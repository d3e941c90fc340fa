import assert from 'node:assert/strict'
import { mock } from 'node:test'
import { asError, callVerify } from '../../lib/verify-callback.ts'
import type { Done } from '../../lib/verify-callback.ts'

type Callback = (done: Done<unknown>) => unknown
const user = { id: 1 }
/** How long to wait for `done`. */
const DONE_MS = 30_000

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

describe('the verify callback', () => {
  describe('gives a user', () => {
    const ways: Record<string, Callback> = {
      'by done': (done) => done(null, user),
      'by done, later': (done) => void setImmediate(done, null, user),
      'by returning it': () => user,
      'by returning a promise of it': () => Promise.resolve(user),
      'by returning { user }': () => ({ user }),
      'by done inside an async function': async (done) => {
        await Promise.resolve()
        done(null, user)
      },
      'by a thenable': () => ({ then: (resolve: (value: unknown) => void) => resolve(user) }),
    }
    for (const [name, verify] of Object.entries(ways)) {
      it(name, async () => assert.deepEqual(await callVerify(verify), { user, info: undefined }))
    }
  })

  describe('gives info', () => {
    it('by done', async () =>
      assert.deepEqual(await callVerify((done) => done(null, user, 'info')), { user, info: 'info' }))
    it('by returning { user, info }', async () => {
      assert.deepEqual(await callVerify(() => ({ user, info: 'info' })), { user, info: 'info' })
    })
  })

  describe('returns a user that only looks like { user, info }', () => {
    const rows = [
      { user: 'zoe', id: 1 },
      { info: 'x' },
      Object.create({ user: 'zoe' }) as object,
      { user: 'zoe', [Symbol('row')]: 1 },
    ]
    for (const row of rows) {
      it(JSON.stringify(row), async () => assert.equal((await callVerify(() => row)).user, row))
    }
  })

  describe('the first to settle wins', () => {
    const ways: Record<string, Callback> = {
      'done, then a return': (done) => {
        done(null, user)
        return false
      },
      'done, then a throw': (done) => {
        done(null, user)
        throw new Error('late')
      },
      'done twice': (done) => {
        done(null, user)
        done(new Error('late'))
      },
      'done, then a rejection': (done) => {
        done(null, user)
        return Promise.reject(new Error('late'))
      },
      'a return, then done': (done) => {
        setImmediate(done, null, { id: 2 })
        return user
      },
    }
    for (const [name, verify] of Object.entries(ways)) {
      it(name, async () => assert.equal((await callVerify(verify)).user, user))
    }
  })

  describe('fails with the error that it threw', () => {
    const boom = new Error('boom')
    const ways: Record<string, Callback> = {
      'by a throw': () => {
        throw boom
      },
      'by a rejection': () => Promise.reject(boom),
      'by done': (done) => done(boom),
      'in a thenable': () => ({
        then: () => {
          throw boom
        },
      }),
      'in a look at what it returned': () =>
        Object.defineProperty({}, 'then', {
          get() {
            throw boom
          },
        }),
    }
    for (const [name, verify] of Object.entries(ways)) {
      it(name, async () => assert.rejects(callVerify(verify), boom))
    }
  })

  describe('undefined', () => {
    beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }))
    afterEach(() => mock.timers.reset())

    const nothings: Record<string, () => unknown> = {
      'of a promise': () => Promise.resolve(undefined),
      'of no promise': () => undefined,
    }
    for (const [name, nothing] of Object.entries(nothings)) {
      it(`${name} leaves it to done for 30 seconds, then is an error that names both ways`, async () => {
        const verdict = callVerify(() => nothing())
        let settled = false
        verdict.catch(() => (settled = true))
        await turn()
        mock.timers.tick(29_999)
        await turn()
        assert.equal(settled, false)
        mock.timers.tick(1)
        await assert.rejects(verdict, {
          name: 'Error',
          message:
            'The verify callback returned nothing and has not called done in 30 seconds: ' +
            'return the user (or a promise of it), or call done(error, user). ' +
            'Its arguments are (userId, scopeData, done)',
        })
      })

      it(`${name} is forgotten where done comes in time`, async () => {
        const verdict = callVerify((done) => {
          setTimeout(done, 20_000, null, user)
          return nothing()
        })
        await turn()
        mock.timers.tick(20_000)
        assert.equal((await verdict).user, user)
        mock.timers.tick(60_000)
      })
    }
  })

  describe('waits for done with a timer', () => {
    it('that keeps no process alive', async () => {
      const set = mock.method(globalThis, 'setTimeout')
      try {
        let done!: Done<unknown>
        const verdict = callVerify((given) => void (done = given))
        const [timer] = set.mock.calls.map((call) => call.result as NodeJS.Timeout)
        assert.equal(set.mock.callCount(), 1)
        assert.equal(timer?.hasRef(), false)
        done(null, user)
        await verdict
      } finally {
        set.mock.restore()
      }
    })

    it('even if a timer is a number, as in a browser', async () => {
      const set = mock.method(globalThis, 'setTimeout', () => 7)
      try {
        let done!: Done<unknown>
        const verdict = callVerify((given) => void (done = given))
        done(null, user)
        assert.equal((await verdict).user, user)
      } finally {
        set.mock.restore()
      }
    })
  })

  describe('of two arguments, as passport-civic had it', () => {
    const old = (_userData: unknown, done: unknown): void => (done as () => void)()
    const ways: Record<string, Callback> = {
      'that throws': () => old('id', []),
      'that rejects': async () => Promise.resolve().then(() => old('id', [])),
    }
    for (const [name, verify] of Object.entries(ways)) {
      it(`${name} is told what its arguments are`, async () => {
        await assert.rejects(callVerify(verify), (error: unknown) => {
          assert.ok(error instanceof TypeError && error.cause instanceof TypeError)
          const message =
            "done is not a function (the verify callback's arguments are: userId, scopeData, done)"
          assert.equal(error.message, message)
          return true
        })
      })
    }
  })

  it('that calls something else that is no function is told nothing more', async () => {
    const task = {} as { done: () => void }
    const verify: Callback = () => task.done()
    await assert.rejects(callVerify(verify), { message: 'task.done is not a function' })
  })

  describe('leaves no timer behind', () => {
    const ends: Record<string, [error: unknown, user?: unknown]> = {
      user: [null, user],
      error: [new Error()],
    }
    for (const [name, args] of Object.entries(ends)) {
      const ways: Record<string, Callback> = {
        [`done with ${name}, then a promise of undefined`]: (done) => {
          done(...args)
          return Promise.resolve(undefined)
        },
        [`a promise of undefined, then done with ${name}`]: (done) => {
          setImmediate(done, ...args)
          return Promise.resolve(undefined)
        },
        [`done with ${name}, then nothing`]: (done) => done(...args),
        [`nothing, then done with ${name}`]: (done) => void setImmediate(done, ...args),
      }
      for (const [way, verify] of Object.entries(ways)) {
        it(way, async () => {
          const set = mock.method(globalThis, 'setTimeout')
          const cleared = mock.method(globalThis, 'clearTimeout')
          try {
            await callVerify(verify).catch(() => undefined)
            await turn()
            const ended = new Set(cleared.mock.calls.map((call) => call.arguments[0]))
            const waits = set.mock.calls.filter(({ arguments: [, ms] }) => ms === DONE_MS)
            assert.ok(waits.every(({ result }) => ended.has(result)))
          } finally {
            set.mock.restore()
            cleared.mock.restore()
          }
        })
      }
    }
  })

  it('may throw nothing, or a word of Express: that becomes an error that says so', () => {
    for (const thrown of [undefined, 'router'])
      assert.match(String(asError(thrown)), /^Error: A value that is not an Error was thrown$/)
    assert.equal(asError('text'), 'text')
  })
})
