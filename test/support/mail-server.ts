import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'

/** A mail server on loopback, which stores its mail. */
export class MailServer {
  readonly #server: SMTPServer
  readonly #mails: { readonly to: readonly string[]; readonly text: string }[] = []
  #arrived: () => void = () => undefined

  private constructor() {
    this.#server = new SMTPServer({
      disabledCommands: ['STARTTLS', 'AUTH'],
      onData: (stream, { envelope }, done) => {
        const chunks: Buffer[] = []
        stream.on('data', (chunk: Buffer) => chunks.push(chunk))
        stream.on('end', () => {
          const to = envelope.rcptTo.map(({ address }) => address)
          this.#mails.push({ to, text: Buffer.concat(chunks).toString() })
          done()
          this.#arrived()
        })
      },
    })
  }

  static async start(port = 0): Promise<MailServer> {
    const mails = new MailServer()
    mails.#server.listen(port, '127.0.0.1')
    await once(mails.#server.server, 'listening')
    return mails
  }

  get url(): string {
    return `smtp://127.0.0.1:${(this.#server.server.address() as AddressInfo).port}`
  }

  /** Waits for the code in the last mail to an address. */
  async codeTo(address: string): Promise<string> {
    for (;;) {
      const mail = this.#mails.findLast(({ to }) => to.includes(address))
      const code = /\b[2-9B-DF-HJ-NP-TV-Z]{8}\b/.exec(mail?.text ?? '')?.[0]
      if (code !== undefined) return code
      await new Promise<void>((resolve) => (this.#arrived = resolve))
    }
  }

  async stop(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }
}
