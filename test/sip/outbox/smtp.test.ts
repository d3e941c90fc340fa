import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'
import { SendingFailed } from '../../../sip/lib/outbox/outbox.ts'
import { smtpSender } from '../../../sip/lib/outbox/smtp.ts'

interface Received {
  readonly from: string
  readonly to: string[]
  readonly text: string
}

describe('sip: email by SMTP', () => {
  let server: SMTPServer
  let received: Received[]
  let refusal: Error | undefined
  const url = (user = 'sip:secret'): string =>
    `smtp://${user}@127.0.0.1:${(server.server.address() as AddressInfo).port}`

  before(async () => {
    server = new SMTPServer({
      disabledCommands: ['STARTTLS'],
      authMethods: ['PLAIN'],
      onAuth: ({ username, password }, _session, done) => {
        const isRight = username === 'sip' && password === 'secret'
        done(isRight ? null : new Error('wrong password'), { user: username })
      },
      onRcptTo: (_address, _session, done) => done(refusal),
      onData: (stream, { envelope }, done) => {
        const chunks: Buffer[] = []
        stream.on('data', (chunk: Buffer) => chunks.push(chunk))
        stream.on('end', () => {
          const { mailFrom, rcptTo } = envelope
          received.push({
            from: mailFrom === false ? '' : mailFrom.address,
            to: rcptTo.map(({ address }) => address),
            text: Buffer.concat(chunks).toString(),
          })
          done()
        })
      },
    })
    server.listen(0, '127.0.0.1')
    await once(server.server, 'listening')
  })
  beforeEach(() => {
    received = []
    refusal = undefined
  })
  after(async () => {
    await new Promise<void>((resolve) => server.close(resolve))
  })

  const FROM = 'Civic SIP <login@sip.example.org>'
  const mail = (to = 'finn@example.org') => ({
    id: randomUUID(),
    to,
    subject: 'Hello',
    text: 'Your code is ABCDEFGH.',
    html: '<p>Your code is <b>ABCDEFGH</b>.</p>',
  })
  const signal = AbortSignal.timeout(10_000)
  /** Sends one message with a sender that is closed afterwards. */
  const send = async (message: ReturnType<typeof mail>, options = { url: url(), from: FROM }) => {
    const sender = smtpSender(options)
    try {
      await sender.send(message, signal)
    } finally {
      sender.close()
    }
  }

  it('goes out as text and as HTML, with a constant id', async () => {
    const message = mail()
    await send(message)
    const [{ from, to, text }] = received as [Received]
    assert.deepEqual([from, to], ['login@sip.example.org', ['finn@example.org']])
    assert.match(text, /^From: Civic SIP <login@sip\.example\.org>\r$/m)
    assert.ok(text.includes(`Message-ID: <${message.id}@sip.example.org>`))
    assert.match(text, /^Auto-Submitted: auto-generated\r$/m)
    assert.ok(text.includes('Your code is ABCDEFGH.') && text.includes('<b>ABCDEFGH</b>'))
  })

  it('goes to one address, and never to a list', async () => {
    for (const to of ['a,gwen@example.org', 'a;gwen@example.org', 'Finn <gwen@example.org>', 'gwen']) {
      await assert.rejects(send(mail(to)), new SendingFailed('it is not to one email address', true))
    }
    assert.deepEqual(received, [])
  })

  it('is refused for good if the address is, and can be tried again otherwise', async () => {
    refusal = Object.assign(new Error('no finn@example.org here'), { responseCode: 550 })
    await assert.rejects(send(mail()), new SendingFailed('the mail server: EENVELOPE 550', true))
    refusal = Object.assign(new Error('later'), { responseCode: 451 })
    await assert.rejects(send(mail()), new SendingFailed('the mail server: EENVELOPE 451', false))
    const wrong = { url: url('sip:wrong'), from: FROM }
    await assert.rejects(send(mail(), wrong), ({ isFinal, message }: SendingFailed) => {
      assert.equal(isFinal, false)
      return /^the mail server: EAUTH/.test(message)
    })
  })

  it('is checked by connecting and logging in', async () => {
    const [right, wrong] = ['sip:secret', 'sip:wrong'].map((user) =>
      smtpSender({ url: url(user), from: FROM }),
    )
    await right!.check()
    await assert.rejects(wrong!.check(), /EAUTH/)
    right!.close()
    wrong!.close()
  })

  it('requires TLS, except on loopback, and a valid address', () => {
    for (const from of ['login', 'a@b@c', 'x\r\nBcc: y <a@b.example>', 'Name <a@b.example> x']) {
      assert.throws(() => smtpSender({ url: url(), from }), /^TypeError: MAIL_FROM/)
    }
    for (const wrong of ['mail.example.org', 'https://mail.example.org']) {
      assert.throws(() => smtpSender({ url: wrong, from: FROM }), /^TypeError: SMTP_URL/)
    }
  })
})
