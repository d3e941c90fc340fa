import assert from 'node:assert/strict'
import { scopeLabels } from 'passport-civic-sip/user-data'
import { originOf } from '../../civicjs/lib/origin.ts'
import { placesOf } from '../../civicjs/lib/places.ts'
import { formEncode } from '../../civicjs/lib/request.ts'
import { scopeOf } from '../../civicjs/lib/scope.ts'

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

  it('leaves out missing values, but not false', () => {
    assert.equal(formEncode({ none: null, missing: undefined, isTest: false }), 'isTest=false')
  })

  it('ends at some depth, even if a value contains itself', () => {
    const loop: Record<string, unknown> = { a: 1 }
    loop.self = loop
    assert.ok(formEncode({ loop }).length < 1000)
  })
})

describe('scope requests in CivicJS', () => {
  const basic = { attributes: ['contact.personal.email', 'contact.personal.phoneNumber'] }

  it('ask for the labels of the basic data', () => {
    assert.deepEqual(basic.attributes, scopeLabels('civicBasic'))
  })

  it('send the basic one as labels, the others by name', () => {
    assert.deepEqual(scopeOf({ scopeRequest: 'civicBasic' }), basic)
    assert.deepEqual(scopeOf({ scopeRequest: 'proofOfAge' }), { verificationLevel: 'proofOfAge' })
  })

  it('are known by their name in CivicJS as well', () => {
    assert.deepEqual(scopeOf({ scopeRequest: 'ANONYMOUS_LOGIN' }), { verificationLevel: 'Anonymous_Login' })
  })

  it('pass on an unknown name, which the server refuses', () => {
    assert.deepEqual(scopeOf({ scopeRequest: 'toString' }), { verificationLevel: 'toString' })
  })

  it('ask for the basic data by default', () => {
    for (const options of [{ style: 'popup' }, {}, undefined, null, { scopeRequest: '' }]) {
      assert.deepEqual(scopeOf(options), basic)
    }
  })

  it('ask for labels that the site lists, whatever name it gives', () => {
    const attributes = ['contact.personal.email']
    assert.deepEqual(scopeOf({ scopeRequests: attributes }), { attributes })
    assert.deepEqual(scopeOf({ scopeRequests: attributes, scopeRequest: 'proofOfAge' }), { attributes })
  })
})

describe('the server that CivicJS belongs to', () => {
  const page = 'https://site.example'
  const sip = { api: 'https://sip.example/sip/', frames: 'https://sip.example/scopeRequest/' }
  const own = { api: `${page}/sip/`, frames: `${page}/scopeRequest/` }
  const civic = {
    api: 'https://api.civic.com/sip/',
    frames: 'https://hosted-sip.civic.com/scopeRequest/',
  }

  it('is that of its script, by the names of the library’s own files', () => {
    for (const path of [
      '/js/civic.sip.min.js',
      '/js/civic.sip-v0.1.js',
      '/sip/js/civic.sip.min.js',
      '/js/civic.sip.min.js?v=1#x',
    ]) {
      assert.deepEqual(placesOf(`https://sip.example${path}`, [], page), sip, path)
    }
  })

  it('may have a path', () => {
    const places = placesOf('https://example.org/a/js/civic.sip.min.js', [], page)
    assert.deepEqual(places, {
      api: 'https://example.org/a/sip/',
      frames: 'https://example.org/a/scopeRequest/',
    })
  })

  it('is Civic’s production if Civic’s host served the script', () => {
    for (const path of ['/js/civic.sip.min.js', '/sip/js/civic.sip.min.js'])
      assert.deepEqual(placesOf(`https://hosted-sip.civic.com${path}`, [], page), civic)
  })

  it('is not known from a script of any other name, or without one', () => {
    for (const script of [
      '',
      `${page}/static/js/main.js`,
      `${page}/js/civic.sip.bundle.js`,
      `${page}/vendor/civic.sip.min.js`,
      `${page}/js/civic.sip.min.js/main.js`,
      `${page}/x?/js/civic.sip.min.js`,
      'blob:https://sip.example/js/civic.sip.min.js',
    ]) {
      assert.equal(placesOf(script, [], page), undefined, script)
    }
  })

  it('is then that of its style sheet', () => {
    for (const path of ['/css/civic-modal.min.css', '/css/civic-modal.css', '/sip/css/civic-modal.min.css']) {
      const styleSheets = [`${page}/site.css`, `https://sip.example${path}`]
      assert.deepEqual(placesOf(`${page}/static/js/main.js`, styleSheets, page), sip, path)
    }
  })

  it('is another origin rather than the site’s, which may serve a copy', () => {
    const copy = `${page}/js/civic.sip.min.js`
    assert.deepEqual(placesOf(copy, [], page), own)
    assert.deepEqual(placesOf(copy, [`${page}/css/civic-modal.css`], page), own)
    assert.deepEqual(placesOf(copy, ['https://sip.example/css/civic-modal.css'], page), sip)
    const script = 'https://sip.example/js/civic.sip.min.js'
    assert.deepEqual(placesOf(script, ['https://other.example/css/civic-modal.css'], page), sip)
  })
})

describe('the origin of a URL', () => {
  it('is the same as in the browser', () => {
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

  it('is empty unless it is http or https', () => {
    for (const url of ['javascript:alert(1)', 'data:text/html,x', 'file:///etc', '', 'x'])
      assert.equal(originOf(url), '')
  })
})
