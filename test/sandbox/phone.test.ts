import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { createSandbox } from 'civic-sip-sandbox'
import type { Sandbox } from 'civic-sip-sandbox'
import { lanAddress, qrForTerminal } from 'civic-sip-sandbox/phone'
import jsqr from 'jsqr'
import { CivicClient } from 'passport-civic-sip'
import { parse } from '../../sandbox/lib/command.ts'
import { envLines } from '../../sandbox/lib/env-file.ts'
import { Page as Asker } from '../support/page.ts'

/** Of this machine, and none of its names: it stands for the address in the local network. */
const LAN = '127.0.0.2'

describe('a sandbox that lets a phone in', () => {
  let sandbox: Sandbox
  before(async () => {
    sandbox = await createSandbox({ phone: LAN })
  })
  after(() => sandbox.close())

  it('uses the address of the local network for pages and codes', async () => {
    assert.match(sandbox.url, /^http:\/\/127\.0\.0\.2:\d+$/)
    assert.match(sandbox.walletUrl, /^http:\/\/127\.0\.0\.2:\d+$/)
    const asker = new Asker(sandbox, `http://${LAN}:3000`)
    const uuid = await asker.uuid()
    const callback = `${sandbox.url}/sip/prod/scopeRequest/${uuid}/callback`
    const { token } = (await (await fetch(callback)).json()) as { token: string }
    const { iss } = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as { iss: string }
    assert.equal(iss, sandbox.url)
    const config = (await (await fetch(`${sandbox.walletUrl}/config.json`)).json()) as Record<string, unknown>
    assert.equal(config.attester, `${sandbox.url}/attester`)
    assert.ok(JSON.stringify(config.trustedSips).includes(sandbox.url))
  })

  it('is at localhost for the site’s server, which logs people in there', async () => {
    const options = sandbox.strategyOptions()
    const { port } = new URL(sandbox.url)
    assert.equal(options.api, `http://localhost:${port}/sip/`)
    assert.equal(options.audience, `${sandbox.url}/sip/`)
    assert.ok(envLines(sandbox).includes(`CIVIC_AUDIENCE=${sandbox.url}/sip/`))
    const { data } = await new CivicClient(options).exchangeCode(await sandbox.authCode())
    assert.equal(data.value('contact.personal.email'), 'alice.archer@example.org')
    // A document's picture goes by a URL apart, which has to be on the API's origin
    const { data: identity } = await new CivicClient(options).exchangeCode(
      await sandbox.authCode({ scopeRequest: 'PROOF_OF_IDENTITY' }),
    )
    assert.ok(identity.value('documents.genericId.image'))
  })

  it('refuses every other name', async () => {
    const { port } = new URL(sandbox.url)
    const asked = request({ host: LAN, port, path: '/', headers: { Host: 'evil.example' } }).end()
    const [response] = (await once(asked, 'response')) as [IncomingMessage]
    response.resume()
    assert.equal(response.statusCode, 421)
  })

  it('accepts only an address', async () => {
    await assert.rejects(createSandbox({ phone: 'my-laptop' }), /phone: an address of this machine/)
  })
})

describe('the option --phone', () => {
  it('uses the first private address of the network', () => {
    const entry = (address: string, internal = false) =>
      ({ address, internal, family: 'IPv4', netmask: '', mac: '', cidr: null }) as const
    const lan = lanAddress({
      lo: [entry('127.0.0.1', true)],
      vpn: [entry('203.0.113.5')],
      wifi: [entry('192.168.1.20'), entry('10.0.0.3')],
    })
    assert.equal(lan, '192.168.1.20')
    assert.throws(
      () => lanAddress({ lo: [entry('127.0.0.1', true)] }),
      /--phone: this machine has no address/,
    )
    const parsed = parse(['--phone'], () => '192.168.1.20')
    assert.ok(parsed.run === 'sandbox' && parsed.command.phone === '192.168.1.20')
    assert.ok(!('phone' in (parse([]) as { command: object }).command))
  })

  it('prints a code that a camera reads', () => {
    const [scale, url] = [4, 'http://192.168.1.20:4001']
    const rows = qrForTerminal(url)
      .split('\n')
      // eslint-disable-next-line no-control-regex
      .map((line) => Array.from(line.replaceAll(/\u001b\[[\d;]*m/g, '')))
    const side = rows[0]!.length
    const pixels = new Uint8ClampedArray(side * side * scale * scale * 4).fill(255)
    for (let y = 0; y < side * scale; y++) {
      for (let x = 0; x < side * scale; x++) {
        const row = Math.floor(y / scale)
        const letter = rows[row >> 1]?.[Math.floor(x / scale)] ?? ' '
        const isDark = (row % 2 === 0 ? '▀█' : '▄█').includes(letter)
        if (isDark) pixels.fill(0, (y * side * scale + x) * 4, (y * side * scale + x) * 4 + 3)
      }
    }
    assert.equal(jsqr.default(pixels, side * scale, side * scale)?.data, url)
  })
})
