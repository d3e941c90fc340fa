import assert from 'node:assert/strict'
import { Emitter } from '../../civicjs/lib/emitter.ts'

describe('the emitter of a CivicJS instance', () => {
  let emitter: Emitter
  let heard: unknown[]
  const listener = (...args: unknown[]): unknown => heard.push(...args)
  const other = (): unknown => heard.push('other')

  beforeEach(() => {
    emitter = new Emitter()
    heard = []
  })

  describe('adds a listener', () => {
    for (const method of ['on', 'addEventListener'] as const) {
      it(`by ${method}, as often as it is called`, () => {
        assert.equal(emitter[method]('read', listener), emitter)
        emitter[method]('read', listener)
        emitter.emit('read', 1).emit('read', 2)
        assert.deepEqual(heard, [1, 1, 2, 2])
      })

      it(`by ${method}, which refuses what is no function`, () => {
        assert.throws(() => emitter[method]('read', undefined as never), {
          name: 'TypeError',
          message: /needs a function/,
        })
      })
    }

    it('by once, for one event', () => {
      assert.equal(emitter.once('read', listener), emitter)
      emitter.emit('read', 1).emit('read', 2)
      assert.deepEqual(heard, [1])
    })
  })

  for (const method of ['off', 'removeListener', 'removeEventListener', 'removeAllListeners'] as const) {
    describe(`${method} removes`, () => {
      beforeEach(() => {
        emitter.on('read', listener).on('read', other).on('user-cancelled', listener)
      })

      it('one listener of an event', () => {
        assert.equal(emitter[method]('read', listener), emitter)
        emitter.emit('read', 1).emit('user-cancelled', 2)
        assert.deepEqual(heard, ['other', 2])
      })

      it('one that was added for one event', () => {
        emitter.once('read', listener)
        emitter[method]('read', listener)[method]('read', listener)
        emitter.emit('read', 1)
        assert.deepEqual(heard, ['other'])
      })

      it('one that was added twice once', () => {
        emitter.on('read', listener)
        emitter[method]('read', listener).emit('read', 1)
        assert.deepEqual(heard, ['other', 1])
      })

      it('nothing if the listener is unknown or undefined', () => {
        emitter[method]('read', () => undefined)
        emitter[method]('read', undefined)
        emitter[method]('nothing', listener)
        emitter.emit('read', 1)
        assert.deepEqual(heard, [1, 'other'])
      })

      it('all listeners of an event', () => {
        assert.equal(emitter[method]('read'), emitter)
        emitter.emit('read', 1).emit('user-cancelled', 2)
        assert.deepEqual(heard, [2])
      })

      it('all listeners of all events', () => {
        assert.equal(emitter[method](), emitter)
        emitter.emit('read', 1).emit('user-cancelled', 2)
        assert.deepEqual(heard, [])
      })
    })
  }

  describe('lists', () => {
    it('the listeners of an event, in a list of the caller’s own', () => {
      emitter.on('read', listener).once('read', other)
      emitter.listeners('read').pop()
      assert.deepEqual(emitter.listeners('read'), [listener, other])
      assert.deepEqual(emitter.listeners('nothing'), [])
    })

    it('whether an event has listeners', () => {
      emitter.once('read', listener)
      assert.equal(emitter.hasListeners('read'), true)
      emitter.emit('read')
      assert.equal(emitter.hasListeners('read'), false)
    })
  })

  describe('calls a listener', () => {
    it('with the instance as this', () => {
      emitter.on('read', function (this: unknown) {
        heard.push(this)
      })
      emitter.emit('read')
      assert.deepEqual(heard, [emitter])
    })

    it('with every argument of emit', () => {
      emitter.on('read', listener)
      emitter.emit('read', 1, 2, 3)
      assert.deepEqual(heard, [1, 2, 3])
    })

    it('that was there when the event came, and no other', () => {
      emitter.once('read', () => {
        emitter.on('read', listener).off('read', other)
      })
      emitter.on('read', other)
      emitter.emit('read', 1)
      assert.deepEqual(heard, ['other'])
    })

    it('after one that threw; the error goes to the console', async () => {
      const uncaught = process.listeners('uncaughtException')
      process.removeAllListeners('uncaughtException')
      const thrown = new Promise((resolve) => process.once('uncaughtException', resolve))
      emitter.on('read', () => {
        throw new Error('of the site')
      })
      emitter.on('read', listener).emit('read', 1)
      assert.deepEqual(heard, [1])
      assert.match(String(await thrown), /of the site/)
      uncaught.forEach((known) => process.on('uncaughtException', known))
    })
  })

  it('takes an event of any name', () => {
    for (const name of ['__proto__', 'constructor', 'toString']) {
      assert.equal(emitter.hasListeners(name), false)
      emitter.on(name, listener).emit(name, name)
    }
    assert.deepEqual(heard, ['__proto__', 'constructor', 'toString'])
  })

  it('forgets an event without listeners', async () => {
    emitter.emit('read', 'early')
    emitter.on('read', listener)
    await new Promise(setImmediate)
    emitter.emit('read', 'late')
    assert.deepEqual(heard, ['late'])
  })

  describe('keeps an event without listeners, if told to,', () => {
    /** Resolves once a timer of this moment would have fired. */
    const soon = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0))

    it('for its first listener, once', async () => {
      emitter.emitOrKeep('auth-code-received', 'token')
      emitter.on('auth-code-received', listener).on('auth-code-received', other)
      assert.deepEqual(heard, [], 'the caller of on goes on first')
      await soon()
      emitter.on('auth-code-received', listener)
      await soon()
      assert.deepEqual(heard, ['token', 'other'])
    })

    it('until it is forgotten', async () => {
      emitter.emitOrKeep('auth-code-received', 'token')
      emitter.forgetKept()
      emitter.on('auth-code-received', listener)
      await soon()
      assert.deepEqual(heard, [])
    })

    it('but not an event that had a listener', async () => {
      emitter.once('auth-code-received', listener)
      emitter.emitOrKeep('auth-code-received', 'token')
      emitter.on('auth-code-received', other)
      await soon()
      assert.deepEqual(heard, ['token'])
    })
  })
})
