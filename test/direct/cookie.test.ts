import assert from 'node:assert/strict'
import { cookieName, createCookie, readCookie, setCookie } from '../../lib/direct/cookie.ts'

describe("the browser's cookie", () => {
  const value = createCookie()

  it('is bound to the host, and to https', () => {
    const name = cookieName('https://shop.example')
    assert.equal(name, '__Host-civic-direct')
    assert.equal(setCookie(name, value), `${name}=${value}; Path=/; HttpOnly; Secure; SameSite=Strict`)
  })

  it('on http has the port in its name, since ports of a host share their cookies', () => {
    assert.equal(cookieName('http://localhost:3000'), 'civic-direct-3000')
    assert.equal(cookieName('http://localhost'), 'civic-direct-80')
  })

  it('is found among others', () => {
    assert.equal(readCookie(`a=1; name=${value};b=2`, 'name'), value)
  })

  for (const header of [
    undefined,
    '',
    ['name=x'],
    `other=${value}`,
    `name=${value}x`,
    'name=',
    `xname=${value}`,
  ]) {
    it(`is not there in ${JSON.stringify(header)}`, () => assert.equal(readCookie(header, 'name'), undefined))
  }
})
