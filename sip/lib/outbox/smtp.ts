import { createTransport } from 'nodemailer'
import { EMAIL_ADDRESS } from '../attester/mailer.ts'
import { SendingFailed } from './outbox.ts'
import type { Outgoing, Send } from './outbox.ts'

export interface SmtpOptions {
  /** `smtps://user:password@mail.example.org`, or `smtp://…`, which must offer TLS unless it is on loopback. */
  readonly url: string
  /** The sender of mail: `Shop <login@example.org>`, or only an address. */
  readonly from: string
}

export interface SmtpSender {
  readonly send: Send
  /** Connects and logs in. @throws SendingFailed that says what is wrong */
  readonly check: () => Promise<void>
  readonly close: () => void
}

const CONNECT_MS = 10_000
const SOCKET_MS = 30_000
const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/
const FROM = /^(?:([^<>@\r\n]*[^<>@\r\n\s])\s*<([^<>@\s]+@[^<>@\s]+)>|([^<>@\s]+@[^<>@\s]+))$/

/**
 * Sends email by SMTP, in plain text and HTML.
 * @throws TypeError for a wrong option
 */
export function smtpSender({ url, from }: SmtpOptions): SmtpSender {
  const sender = parseFrom(from)
  if (!URL.canParse(url) || !/^smtps?:$/.test(new URL(url).protocol)) {
    throw new TypeError('SMTP_URL: smtps://user:password@host, or smtp://host')
  }
  const transport = createTransport({
    url,
    pool: true,
    maxConnections: 5,
    requireTLS: !LOOPBACK.test(new URL(url).hostname),
    connectionTimeout: CONNECT_MS,
    greetingTimeout: CONNECT_MS,
    socketTimeout: SOCKET_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  const domain = sender.address.replace(/^.*@/, '')
  const send = async ({ id, to, subject = '', text, html }: Outgoing): Promise<void> => {
    // The library would send to every address of a list
    if (!EMAIL_ADDRESS.test(to)) throw new SendingFailed('it is not to one email address', true)
    const message = {
      messageId: `<${id}@${domain}>`,
      from: sender,
      to: { name: '', address: to },
      envelope: { from: sender.address, to: [to] },
      subject,
      text,
      ...(html !== undefined && { html }),
      headers: { 'Auto-Submitted': 'auto-generated' },
    }
    await transport.sendMail(message).catch(fail)
  }
  return {
    send,
    check: async () => {
      await transport.verify().catch(fail)
    },
    close: () => transport.close(),
  }
}

function parseFrom(from: string): { name: string; address: string } {
  const [, name = '', inBrackets, alone] = FROM.exec(from.trim()) ?? []
  const address = inBrackets ?? alone
  if (address === undefined) throw new TypeError('MAIL_FROM: an email address, or Name <address>')
  return { name: name.replace(/^"(.*)"$/, '$1'), address }
}

/** Describes a failure only by codes, because a mail server's text can contain the address. */
function fail(error: unknown): never {
  const { code, responseCode } = error as { code?: unknown; responseCode?: unknown }
  const status = typeof responseCode === 'number' ? responseCode : undefined
  const what = typeof code === 'string' && /^[A-Z_]{1,40}$/.test(code) ? code : 'failed'
  const reason = `the mail server: ${status === undefined ? what : `${what} ${status}`}`
  // The operator can correct a wrong password or sender while the message waits, but not a refused message
  const isFinal = status !== undefined && status >= 500 && (code === 'EENVELOPE' || code === 'EMESSAGE')
  throw new SendingFailed(reason, isFinal)
}
