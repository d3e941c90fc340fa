import assert from 'node:assert/strict'
import { addressOf, agentOf, isPrivate, networkOf } from '../../lib/direct/network.ts'

describe('the address of a request', () => {
  it("is the framework's, otherwise the socket's", () => {
    const socket = { remoteAddress: '::ffff:192.0.2.7' }
    assert.equal(addressOf({ headers: {}, ip: '203.0.113.5', socket } as never), '203.0.113.5')
    assert.equal(addressOf({ headers: {}, socket } as never), '192.0.2.7')
    assert.equal(addressOf({ headers: {} }), '')
  })

  for (const [address, bits, network] of [
    ['192.0.2.77', { v4: 24, v6: 48 }, '192.0.2.0/24'],
    ['192.0.2.77', { v4: 32, v6: 56 }, '192.0.2.77/32'],
    ['2001:db8:1:2:3:4:5:6', { v4: 24, v6: 48 }, '2001:db8:1::/48'],
    ['2001:db8:1:fffe::6', { v4: 24, v6: 56 }, '2001:db8:1:ff00::/56'],
    ['2001:DB8::6%eth0', { v4: 24, v6: 48 }, '2001:db8:0::/48'],
    ['::1', { v4: 24, v6: 56 }, '0:0:0:0::/56'],
    ['2001:db8::6:7', { v4: 24, v6: 112 }, '2001:db8:0:0:0:0:6::/112'],
    ['nowhere', { v4: 24, v6: 56 }, ''],
  ] as const) {
    it(`is cut: ${address} to ${network || 'nothing'}`, () => assert.equal(networkOf(address, bits), network))
  }
})

describe('a host in a private network', () => {
  for (const [first, last] of [
    ['10.0.0.0', '10.255.255.255'],
    ['172.16.0.0', '172.31.255.255'],
    ['192.168.0.0', '192.168.255.255'],
    ['169.254.0.0', '169.254.255.255'],
    ['[fe80::]', '[febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff]'],
    ['[::ffff:a00:0]', '[::ffff:aff:ffff]'],
  ] as const) {
    it(`is at an address from ${first} to ${last}`, () =>
      assert.deepEqual([first, last].map(isPrivate), [true, true]))
  }

  for (const hosts of [
    ['9.255.255.255', '11.0.0.0'],
    ['172.15.255.255', '172.32.0.0'],
    ['192.167.255.255', '192.169.0.0'],
    ['169.253.255.255', '169.255.0.0'],
    ['[fe7f:ffff::]', '[fec0::]'],
    ['[::ffff:9ff:ffff]', '[::ffff:b00:0]'],
  ]) {
    it(`does not go on to ${hosts.join(', ')}`, () => assert.ok(!hosts.some(isPrivate)))
  }

  for (const name of ['10.example.org', '10.0.0.1.example.org', 'x10.0.0.1', '192.168.0.1x', 'fe80--1', '']) {
    it(`has an address, not a name such as ${JSON.stringify(name)}`, () => assert.ok(!isPrivate(name)))
  }
})

describe('what a request shows of the browser', () => {
  for (const [userAgent, shown] of [
    ['Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 'Firefox on Linux'],
    [
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0',
      'Edge on Windows',
    ],
    [
      'Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36',
      'Chrome on Android',
    ],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1',
      'Safari on iOS',
    ],
    ['curl/8', undefined],
    ['Something on Linux', 'Linux'],
    [undefined, undefined],
  ]) {
    it(`is ${shown ?? 'nothing'}`, () => assert.equal(agentOf(userAgent), shown))
  }
})
