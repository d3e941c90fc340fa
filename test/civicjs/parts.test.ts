import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { ScopeRequests as wire } from 'passport-civic-sip/user-data'
import { Emitter } from '../../sandbox/browser/civic/emitter.ts'
import { originOf } from '../../sandbox/browser/civic/origin.ts'
import { formEncode } from '../../sandbox/browser/civic/request.ts'
import { ScopeRequests, scopeOf } from '../../sandbox/browser/civic/scope-requests.ts'
import { sha256 } from '../../sandbox/browser/frame/sha256.ts'

describe('sha256 of the iframe page', () => {
  const expected = (text: string): string => createHash('sha256').update(text, 'latin1').digest('hex')

  it('hashes texts of every length around its block size', () => {
    for (let length = 0; length <= 200; length++)
      assert.equal(sha256('a'.repeat(length)), expected('a'.repeat(length)))
  })

  it('agrees with node:crypto on any ASCII text', () => {
    const ascii = fc.string({ unit: 'binary-ascii', maxLength: 400 })
    fc.assert(fc.property(ascii, (text) => assert.equal(sha256(text), expected(text))))
  })
})

describe('the form of a QR request', () => {
  it('writes nested values as a[b]=c', () => {
    const form = formEncode({
      appId: 'a b',
      attributes: ['x', 'y'],
      civicConnect: { type: 'one&two', version: 1 },
    })
    assert.deepEqual(
      [...new URLSearchParams(form)],
      [
        ['appId', 'a b'],
        ['attributes[0]', 'x'],
        ['attributes[1]', 'y'],
        ['civicConnect[type]', 'one&two'],
        ['civicConnect[version]', '1'],
      ],
    )
  })

  it('leaves out what is not there, and false stays false', () => {
    assert.equal(formEncode({ none: null, missing: undefined, isTest: false }), 'isTest=false')
  })

  it('ends at some depth, also where a value holds itself', () => {
    const loop: Record<string, unknown> = { a: 1 }
    loop.self = loop
    assert.ok(formEncode({ loop }).length < 1000)
  })
})

describe('scope requests in CivicJS', () => {
  it('are those of the protocol', () => {
    assert.deepEqual({ ...ScopeRequests }, { ...wire })
  })

  it('put the basic one by its labels, the others by their name', () => {
    const attributes = ['contact.personal.email', 'contact.personal.phoneNumber']
    assert.deepEqual(scopeOf('civicBasic'), { attributes })
    assert.deepEqual(scopeOf('proofOfAge'), { verificationLevel: 'proofOfAge' })
  })

  it('are known by their name in CivicJS as well', () => {
    assert.deepEqual(scopeOf('ANONYMOUS_LOGIN'), { verificationLevel: 'Anonymous_Login' })
  })

  it('pass on a name that nobody knows, for the server to refuse', () => {
    assert.deepEqual(scopeOf('toString'), { verificationLevel: 'toString' })
  })
})

describe('the origin of a URL', () => {
  it('is what the browser says it is', () => {
    const urls = [
      'http://localhost:4000/scopeRequest/prod/index.html',
      'https://EXAMPLE.org:443/a?b#c',
      'http://example.org:80',
      'https://example.org:80/',
      'http://[::1]:8080/x',
      'https://user:pass@example.org/@evil.example',
      'https://example.org?@evil.example/',
    ]
    for (const url of urls) assert.equal(originOf(url), new URL(url).origin)
  })

  it('is empty for what is neither http nor https', () => {
    for (const url of ['javascript:alert(1)', 'data:text/html,x', 'file:///etc', '', 'x'])
      assert.equal(originOf(url), '')
  })
})

describe('events', () => {
  it('reach every listener in turn, also one that is registered twice', () => {
    const emitter = new Emitter()
    const heard: unknown[] = []
    const listener = (event: unknown): unknown => heard.push(event)
    emitter.on('read', listener)
    emitter.on('read', listener)
    emitter.emit('read', 1)
    assert.deepEqual(heard, [1, 1])
  })

  it('reach once-listeners once, and none that is off', () => {
    const emitter = new Emitter()
    const heard: string[] = []
    const off = (): unknown => heard.push('off')
    emitter.on('read', () => heard.push('once'), true)
    emitter.on('read', off)
    emitter.off('read', off)
    emitter.on('read', () => heard.push('on'))
    emitter.emit('read', 1)
    emitter.emit('read', 2)
    assert.deepEqual(heard, ['once', 'on', 'on'])
  })

  it('stop with off and no listener named', () => {
    const emitter = new Emitter()
    emitter.on('read', () => assert.fail('is off'))
    emitter.off('read')
    emitter.emit('read', 1)
  })

  it('wait for their first listener', async () => {
    const emitter = new Emitter()
    emitter.emit('read', 1)
    assert.equal(await new Promise((resolve) => emitter.on('read', resolve)), 1)
  })

  it('that wait are forgotten when the next request starts', async () => {
    const emitter = new Emitter()
    emitter.emit('read', 'old')
    emitter.forgetWaiting()
    const heard = new Promise((resolve) => emitter.on('read', resolve))
    setImmediate(() => emitter.emit('read', 'new'))
    assert.equal(await heard, 'new')
  })

  it('may have any name', () => {
    const emitter = new Emitter()
    const heard: unknown[] = []
    for (const name of ['__proto__', 'constructor', 'toString']) {
      emitter.on(name, (event) => heard.push(event))
      emitter.emit(name, name)
    }
    assert.deepEqual(heard, ['__proto__', 'constructor', 'toString'])
  })

  it('refuse a listener that is no function', () => {
    const listener = undefined as unknown as () => void
    assert.throws(() => new Emitter().on('read', listener), {
      name: 'TypeError',
      message: /needs a function/,
    })
  })
})
