import assert from 'node:assert/strict'
import { html } from '../../example/src/html.ts'
import { localPath } from '../../example/src/requests.ts'

describe('example: returnTo', () => {
  for (const path of ['/', '/account', '/account?a=1&b=%2F', '/a//b']) {
    it(`takes ${path}`, () => assert.equal(localPath(path), path))
  }
  it('drops a fragment and resolves dots', () => assert.equal(localPath('/a/../b#c'), '/b'))
  for (const path of [
    undefined,
    ['/account'],
    '',
    'account',
    'https://example.net/',
    '//example.net',
    '/\\example.net',
    '\\\\example.net',
    '/\t/example.net',
    '/.//example.net',
    '/..//example.net',
    '/%2e//example.net',
    '/a/..//example.net',
    'javascript:alert(1)',
  ]) {
    it(`refuses ${JSON.stringify([path])}`, () => assert.equal(localPath(path), undefined))
  }
})

describe('example: html', () => {
  it('escapes every value, but not templates again', () => {
    const evil = `<img src=x onerror="a('&')">`
    assert.equal(
      html`<p title="${evil}">${[evil, html`<b>${1}</b>`]}</p>`.text,
      '<p title="&lt;img src=x onerror=&quot;a(&#39;&amp;&#39;)&quot;&gt;">' +
        '&lt;img src=x onerror=&quot;a(&#39;&amp;&#39;)&quot;&gt;<b>1</b></p>',
    )
  })
  it('leaves out missing values, and keeps zero', () => {
    assert.equal(html`${false}${null}${undefined}${''}${0}`.text, '0')
  })
})
