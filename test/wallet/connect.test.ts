import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { mock } from 'node:test'
import { Wallet, WalletError } from 'civic-wallet'
import type { Lookup } from 'civic-wallet'
import { isPrivateHost, isPublicAddress } from '../../wallet/lib/addresses.ts'

const SEED = '000102030405060708090a0b0c0d0e0f'
const PATH = '/civic/0b0e5b6c-7a0f-4b2e-9d3a-1f2e3d4c5b6a/callback'

function rejects(work: Promise<unknown>, code: string): Promise<void> {
  return assert.rejects(work, (error) => {
    assert.ok(error instanceof WalletError, String(error))
    assert.equal(error.code, code)
    return true
  })
}

describe('an address', () => {
  for (const address of [
    '8.8.8.8',
    '192.0.1.1',
    '172.32.0.1',
    '100.128.0.1',
    '2a00:1450:4001::1',
    '2001:db8::1',
  ]) {
    it(`is public: ${address}`, () => assert.ok(isPublicAddress(address)))
  }
  for (const address of [
    '127.0.0.1',
    '127.255.0.9',
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.7.7',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    '198.18.0.1',
    '192.0.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:10.0.0.1',
    '::ffff:a00:1',
    'fe80::1',
    'fd00::1',
    'fc00::1',
    'ff02::1',
    '64:ff9b::a00:1',
    '2002:a00:1::1',
    '2001::1',
    '2001:0:a00:1::1',
  ]) {
    it(`is not: ${address}`, () => assert.ok(!isPublicAddress(address)))
  }
})

describe('a host', () => {
  for (const host of ['localhost', 'localhost.', 'shop.localhost', '127.0.0.1', '[::1]', '[fd00::1]']) {
    it(`is private by its name: ${host}`, () => assert.ok(isPrivateHost(host)))
  }
  for (const host of ['shop.example', 'localhost.example', '[2a00:1450:4001::1]', '8.8.8.8']) {
    it(`is not: ${host}`, () => assert.ok(!isPrivateHost(host)))
  }
})

describe('a wallet without allowPrivate', () => {
  let connections = 0
  const server = createServer((socket) => {
    connections++
    socket.destroy()
  })
  let port = 0
  before(async () => {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    ;({ port } = server.address() as AddressInfo)
  })
  after(() => server.close())
  beforeEach(() => {
    connections = 0
  })
  afterEach(() => assert.equal(connections, 0))

  for (const origin of [
    'http://shop.example',
    'http://8.8.8.8',
    'https://10.0.0.7',
    'https://[::ffff:10.0.0.7]',
  ]) {
    it(`opens no ${origin}`, async () => {
      await rejects(
        new Wallet({ seed: SEED }).read(origin.replace('[::ffff:10.0.0.7]', '[::ffff:a00:7]') + PATH),
        'ADDRESS_REFUSED',
      )
    })
  }

  for (const host of ['localhost', '127.0.0.1', '0x7f.1', '2130706433']) {
    it(`opens nothing on this machine: ${host}`, async () => {
      const url = new URL(`https://${host}:${port}${PATH}`).href
      await rejects(new Wallet({ seed: SEED }).read(url), 'ADDRESS_REFUSED')
    })
  }

  const lookup =
    (...addresses: string[]): Lookup =>
    (_hostname, _options, callback) =>
      callback(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      )

  for (const [what, addresses] of Object.entries({
    'this machine': ['127.0.0.1'],
    'a private network': ['192.168.1.1'],
    'a public address and this machine': ['203.0.113.7', '127.0.0.1'],
    'this machine, by IPv6': ['::1'],
  })) {
    it(`opens no name that leads to ${what}`, async () => {
      const wallet = new Wallet({ seed: SEED, lookup: lookup(...addresses) })
      await rejects(wallet.read(`https://shop.example:${port}${PATH}`), 'ADDRESS_REFUSED')
    })
  }

  it('opens no name that has no address', async () => {
    const fails: Lookup = (_hostname, _options, callback) => callback(new Error('ENOTFOUND shop.example'))
    for (const resolve of [fails, lookup()]) {
      const wallet = new Wallet({ seed: SEED, lookup: resolve })
      await rejects(wallet.read(`https://shop.example:${port}${PATH}`), 'UNREACHABLE')
    }
  })
})

describe('a wallet whose requester does not respond', () => {
  it('waits at most ten seconds', async () => {
    mock.timers.enable({ apis: ['setTimeout'] })
    try {
      const wallet = new Wallet({
        seed: SEED,
        fetch: (_url, { signal }) =>
          new Promise((_resolve, reject) => {
            signal!.addEventListener('abort', () => reject(new Error('aborted')))
          }),
      })
      const read = wallet.read(`https://shop.example${PATH}`)
      mock.timers.tick(10_000)
      await rejects(read, 'UNREACHABLE')
    } finally {
      mock.timers.reset()
    }
  })
})

describe("a wallet's fetch", () => {
  it('sends no credentials and no referrer, and follows no redirect', async () => {
    const inits: RequestInit[] = []
    const wallet = new Wallet({
      seed: SEED,
      fetch: (_url, init) => {
        inits.push(init)
        return Promise.resolve(new Response(null, { status: 404 }))
      },
    })
    await rejects(wallet.read(`https://shop.example${PATH}`), 'REQUEST_REFUSED')
    const [{ credentials, referrerPolicy, redirect, cache, mode }] = inits as [RequestInit]
    assert.deepEqual(
      { credentials, referrerPolicy, redirect, cache, mode },
      {
        credentials: 'omit',
        referrerPolicy: 'no-referrer',
        redirect: 'manual',
        cache: 'no-store',
        mode: 'cors',
      },
    )
  })

  it('accepts only UTF-8', async () => {
    const wallet = new Wallet({
      seed: SEED,
      fetch: () => Promise.resolve(new Response(Uint8Array.of(0x7b, 0xff, 0x7d))),
    })
    await rejects(wallet.read(`https://shop.example${PATH}`), 'UNREACHABLE')
  })
})
