import { randomBytes } from 'node:crypto'
import { Wallet } from 'civic-wallet'
import type { ServeOptions } from '../../sip/lib/serve.ts'
import { certificateFor } from './certificate.ts'
import { MailServer } from './mail-server.ts'
import { needsNginx, startNginx } from './nginx.ts'
import { needsPostgres, startPostgres } from './postgres.ts'
import { ServerHere } from './server-here.ts'
import { ServerProcess } from './server-process.ts'
import { freePort } from './servers.ts'
import { sipPublicKeyAt } from './sip-public-key.ts'
import { ThroughProxy } from './through-proxy.ts'

interface OneProcess<Server> {
  readonly variables: Record<string, string>
  server: Server
}

const NAMES = { sip: 'sip.test', wallet: 'wallet.test' }

interface Server {
  readonly output: string
  stop(signal?: NodeJS.Signals): Promise<unknown>
}

/** Two servers on one PostgreSQL behind nginx with TLS, and a mail server. */
export class BehindNginx<S extends Server = ServerProcess> {
  url = ''
  walletUrl = ''
  mails!: MailServer
  proxy!: ThroughProxy
  processes: OneProcess<S>[] = []
  readonly #undo: (() => Promise<unknown>)[] = []

  /** Each in its own process. Skips the suite (fails it in CI) if a program that it needs is not installed. */
  static start(context: Mocha.Context): Promise<BehindNginx> {
    return BehindNginx.#started(context, (variables) => ServerProcess.start(variables))
  }

  /** The same, but with the servers in this process, so that a test can inject options. */
  static startHere(
    context: Mocha.Context,
    options: Pick<ServeOptions, 'network'>,
  ): Promise<BehindNginx<ServerHere>> {
    return BehindNginx.#started(context, (variables) => ServerHere.start(variables, options))
  }

  static async #started<S extends Server>(
    context: Mocha.Context,
    start: (variables: Record<string, string>) => Promise<S>,
  ): Promise<BehindNginx<S>> {
    needsPostgres(context)
    needsNginx(context)
    const servers = new BehindNginx<S>()
    try {
      await servers.#start(context, start)
    } catch (error) {
      await servers.stop()
      throw error
    }
    return servers
  }

  async stop(): Promise<void> {
    for (const step of this.#undo.splice(0).reverse()) await step()
  }

  /** A person's wallet, which trusts this server. */
  wallet(): Wallet {
    const { fetch } = this.proxy
    return new Wallet({ seed: randomBytes(32), trustedSips: [this.url], fetch, allowPrivate: true })
  }

  /** The key that sites pin. */
  sipPublicKey(): Promise<string> {
    return sipPublicKeyAt(this.url, this.proxy.fetch)
  }

  async #start(
    context: Mocha.Context,
    start: (variables: Record<string, string>) => Promise<S>,
  ): Promise<void> {
    const undo = this.#undo
    const certificate = certificateFor(context, [`DNS:${NAMES.sip}`, `DNS:${NAMES.wallet}`])
    const postgres = await startPostgres()
    undo.push(() => postgres.stop())
    this.mails = await MailServer.start()
    undo.push(() => this.mails.stop())
    const port = await freePort()
    this.url = `https://${NAMES.sip}:${port}`
    this.walletUrl = `https://${NAMES.wallet}:${port}`
    const shared = {
      PUBLIC_URL: this.url,
      WALLET_URL: this.walletUrl,
      SIP_SECRET: randomBytes(32).toString('hex'),
      DATABASE_URL: postgres.url,
      SMTP_URL: this.mails.url,
      MAIL_FROM: 'Civic <login@example.org>',
    }
    const variables = async () => ({
      ...shared,
      PORT: String(await freePort()),
      MANAGEMENT_PORT: String(await freePort()),
    })
    const both = [await variables(), await variables()]
    // Both bring the tables up to date at once
    const servers = await Promise.all(both.map(start))
    this.processes = both.map((variables, at) => ({ variables, server: servers[at]! }))
    const upstreams = both.map(({ PORT }) => Number(PORT))
    undo.push(() => Promise.all(this.processes.map(({ server }) => server.stop('SIGKILL'))))
    undo.push(await startNginx(port, upstreams, NAMES, certificate))
    this.proxy = new ThroughProxy(certificate.cert)
    undo.push(() => this.proxy.close())
  }
}
