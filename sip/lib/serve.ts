import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { DestinationStream } from 'pino'
import type { Network } from './apps/domain-proof.ts'
import type { Config } from './config.ts'
import { GracefulServer } from './http/graceful-server.ts'
import { walletSite } from './http/wallet-site.ts'
import type { WalletConfig } from './http/wallet-site.ts'
import { openSip } from './open-sip.ts'
import type { OpenSip } from './open-sip.ts'
import { actsOfRunning } from './operations/acts.ts'
import { listenToCommands } from './operations/admin-socket.ts'
import { Health } from './operations/health.ts'
import { ServerLog } from './operations/logger.ts'
import { management } from './operations/management.ts'
import { Metrics } from './operations/metrics.ts'

/** How long running requests may take to finish. Platforms kill a process after half a minute. */
const DRAIN_MS = 25_000

/** A port is in use. The message names the variable. */
export class PortInUse extends Error {
  override readonly name = 'PortInUse'
}

export interface Running {
  /**
   * Accepts no new requests, finishes the running ones, and releases everything.
   * @returns whether every request got its response
   */
  stop(): Promise<boolean>
}

export interface ServeOptions {
  /** Sentences for the log, such as those of `readConfig`. */
  readonly warnings?: readonly string[]
  /** The log's output. Default: the standard output. */
  readonly logTo?: DestinationStream
  /** How proofs of domains are looked for. Default: DNS, and https on port 443 of public addresses. */
  readonly network?: Network
}

/**
 * Runs the server.
 *
 * @throws FileInUse if another process has the data folder; PortInUse; Refused, see `openSip`
 */
export async function serve(
  config: Config,
  { warnings = [], logTo, network }: ServeOptions = {},
): Promise<Running> {
  const log = new ServerLog(config.logLevel, logTo)
  for (const warning of warnings) log.warn(warning)
  const metrics = new Metrics()
  const undo: (() => Promise<unknown>)[] = []
  const undone = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) await step()
  }
  try {
    const open = await openSip(config, { log, metrics, network })
    undo.push(() => open.close())
    if (config.dataFolder !== undefined)
      undo.push(await listenToCommands(config.dataFolder, actsOfRunning(open.acts)))
    const health = new Health(open.healthChecks)
    const servers: GracefulServer[] = []
    undo.push(() => Promise.all(servers.map((server) => server.stop(0))))
    for (const { name, port, handler } of listeners(config, open, health, metrics))
      servers.push(await listen(name, port, config.host, handler))
    open.start()
    log.info(`civic-sip-server serves ${config.publicUrl}`)
    return {
      stop: async () => {
        log.info('stopping')
        health.stop()
        const stopped = await Promise.all(servers.map((server) => server.stop(DRAIN_MS)))
        await undone()
        log.info('stopped')
        return !stopped.includes(false)
      },
    }
  } catch (error) {
    await undone()
    throw error
  }
}

interface ListenerOf {
  /** The variable that names the port. */
  readonly name: string
  readonly port: number
  readonly handler: RequestListener
}

function listeners(config: Config, open: OpenSip, health: Health, metrics: Metrics): ListenerOf[] {
  const { port, walletPort, managementPort } = config
  const wallet = walletHandler(config, open)
  return [
    { name: 'MANAGEMENT_PORT', port: managementPort, handler: management(health, metrics) },
    { name: 'PORT', port, handler: byHost(config, open.sip.router, wallet) },
    ...(walletPort === undefined ? [] : [{ name: 'WALLET_PORT', port: walletPort, handler: wallet }]),
  ]
}

/** The wallet's page and its configuration, which names this server. */
function walletHandler({ publicUrl, walletUrl, trustProxy }: Config, open: OpenSip): RequestListener {
  const config = (): WalletConfig => ({
    trustedSips: [{ origin: publicUrl, sipId: open.sipId }],
    attester: `${publicUrl}/attester`,
    ledger: `${publicUrl}/ledger`,
    authorities: open.sip.authorities,
  })
  return walletSite({
    hosts: [new URL(walletUrl).hostname],
    config,
    // Only a server for this machine uses plain http
    insecure: publicUrl.startsWith('http:'),
    observer: open.observer,
    trustProxy,
  })
}

/** Serves the wallet at its host name. If wallet and server share one name, the port distinguishes them. */
function byHost(
  { publicUrl, walletUrl }: Config,
  sip: RequestListener,
  wallet: RequestListener,
): RequestListener {
  const { host, hostname } = new URL(walletUrl)
  const isShared = hostname === new URL(publicUrl).hostname
  return (req: IncomingMessage, res: ServerResponse) => {
    const asked = (req.headers.host ?? '').toLowerCase()
    const isWallets = isShared ? asked === host : asked.replace(/:\d+$/, '') === hostname
    ;(isWallets ? wallet : sip)(req, res)
  }
}

async function listen(
  name: string,
  port: number,
  host: string,
  handler: RequestListener,
): Promise<GracefulServer> {
  try {
    return await GracefulServer.listen(port, host, handler)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EADDRINUSE') throw new PortInUse(`Port ${port} is in use: set ${name} to another`)
    if (code === 'EACCES')
      throw new PortInUse(`Port ${port} needs an administrator's rights: set ${name} to another`)
    if (code === 'EADDRNOTAVAIL') throw new PortInUse(`HOST: ${host} is not an address of this machine`)
    throw error
  }
}
