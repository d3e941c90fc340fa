import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http'
import { SendingFailed } from '../../../sip/lib/outbox/outbox.ts'
import { isSignedCall } from '../../../sip/lib/http/signed-call.ts'
import { smsSender } from '../../../sip/lib/outbox/sms-webhook.ts'
import { listen } from '../../support/http.ts'
import type { Listening } from '../../support/http.ts'

const KEY = 'k'.repeat(24)
const MESSAGE = { id: 'one', to: '+1 (202) 555-0143', text: 'Your code is ABCD2345.' }

describe('sip: text messages through the operator’s gateway', () => {
  let gateway: Listening
  let status: number
  let received: { headers: IncomingHttpHeaders; body: string }[]
  before(async () => {
    const server = createServer((req, res) => {
      let body = ''
      req.on('data', (chunk: Buffer) => (body += chunk.toString()))
      req.on('end', () => {
        received.push({ headers: req.headers, body })
        res.writeHead(status, { Location: 'https://elsewhere.example.org/' }).end('ignored')
      })
    })
    gateway = await listen(server)
  })
  beforeEach(() => {
    status = 202
    received = []
  })
  after(() => gateway.close())
  const send = () => {
    const url = gateway.origin.replace('://', `://:${KEY}@`)
    return smsSender({ url: `${url}/sms`, clock: () => 1_700_000_000_999 })(
      MESSAGE,
      AbortSignal.timeout(5_000),
    )
  }

  it('are a signed POST with its time, without the key', async () => {
    await send()
    const [{ headers, body }] = received as [(typeof received)[number]]
    assert.deepEqual(JSON.parse(body), { id: 'one', to: '+12025550143', text: MESSAGE.text })
    assert.equal(headers['civic-timestamp'], '1700000000')
    const header = (name: string) => headers[name.toLowerCase()] as string | undefined
    const now = 1_700_000_000_000
    assert.equal(isSignedCall(KEY, body, header, now), true)
    assert.equal(isSignedCall(KEY, body, header, now + 62_000), false)
    assert.equal(isSignedCall(KEY, body, header, now - 62_000), false)
    assert.equal(isSignedCall(KEY, `${body} `, header, now), false)
    assert.equal(isSignedCall('other', body, header, now), false)
    assert.equal(
      isSignedCall(KEY, body, () => undefined, 0),
      false,
    )
    assert.equal(headers.authorization, undefined)
    assert.ok(!JSON.stringify(received).includes(KEY))
  })

  it('are tried again later, or never, as the gateway says', async () => {
    for (const [code, isFinal] of [
      [500, false],
      [503, false],
      [429, false],
      [408, false],
      [400, true],
      [302, true],
    ] as const) {
      status = code
      await assert.rejects(send(), new SendingFailed(`the SMS gateway: ${code}`, isFinal))
    }
    assert.equal(received.length, 6)
  })

  it('are tried again if the gateway cannot be reached', async () => {
    const fetch = () => Promise.reject(new TypeError(`cannot reach ${MESSAGE.to}`))
    const sender = smsSender({ url: `https://:${KEY}@gateway.example.org/sms`, fetch })
    const signal = AbortSignal.timeout(5_000)
    await assert.rejects(sender(MESSAGE, signal), new SendingFailed('the SMS gateway cannot be reached'))
  })

  it('need https, and a key that nobody can guess', () => {
    const urls = [
      'gateway',
      'https://gateway.example.org/sms',
      'https://:short@gateway.example.org/sms',
      `https://user:${KEY}@gateway.example.org/sms`,
      `http://:${KEY}@gateway.example.org/sms`,
    ]
    for (const url of urls) {
      assert.throws(
        () => smsSender({ url }),
        (error: Error) => {
          assert.ok(error instanceof TypeError && !error.message.includes(KEY))
          return /^SMS_WEBHOOK_URL: /.test(error.message)
        },
      )
    }
  })
})
