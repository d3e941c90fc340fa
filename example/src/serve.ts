import { once } from 'node:events'
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { FileInUse } from 'civic-sip-server/lock'
import { createSite } from './app.ts'
import type { SiteOptions } from './app.ts'
import { SetupError } from './config.ts'
import type { Config } from './config.ts'
import { keptSessionSecret } from './embedded/session-secret.ts'

/** How long open requests may take to finish. */
const DRAIN_MS = 10_000

/** How people log in: through a SIP, and with the Direct option if it is on. */
export type Login = Pick<SiteOptions, 'civic' | 'scriptUrl' | 'direct'>

/**
 * Runs the site until Ctrl-C or the platform stops it.
 *
 * @param loginAt called with the site's address as soon as its port is known
 * @param announce called with the address once the site responds
 */
export async function runSite(
  config: Config,
  loginAt: (url: string) => Login,
  announce: (url: string) => void,
): Promise<void> {
  const sessionSecrets = config.sessionSecrets ?? [await keptSessionSecret(config.dataFolder)]
  const ports = config.port === undefined ? [3000, 0] : [config.port]
  const server = await onFreePort(ports, (port) => listen(config.host, port))
  const url = urlOf(server)
  try {
    const opening = createSite({ ...config, ...loginAt(url), sessionSecrets })
    // Early requests wait for the database
    server.on(
      'request',
      (req, res) =>
        void opening.then(
          ({ app }) => void app(req, res),
          () => void res.destroy(),
        ),
    )
    const site = await opening
    try {
      announce(url)
      await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
      await drain(server)
    } finally {
      await site.close()
    }
  } finally {
    server.close()
  }
}

/** Listens on the first free port of the list; 0 means any free port. */
export async function onFreePort<T>(
  ports: readonly number[],
  start: (port: number) => Promise<T>,
): Promise<T> {
  const [port = 0, ...others] = ports
  try {
    return await start(port)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || others.length === 0) throw error
    return onFreePort(others, start)
  }
}

async function listen(host: string, port: number): Promise<Server> {
  const server = createServer().listen(port, host)
  await once(server, 'listening')
  return server
}

/** The server's address for a browser on this machine. */
function urlOf(server: Server): string {
  const { address, port, family } = server.address() as AddressInfo
  const isHere = ['127.0.0.1', '::1', '0.0.0.0', '::'].includes(address)
  const host = family === 'IPv6' ? `[${address}]` : address
  return `http://${isHere ? 'localhost' : host}:${port}`
}

/** Accepts no new requests, lets open ones finish, and cuts off those that take too long. */
async function drain(server: Server): Promise<void> {
  const cut = setTimeout(() => server.closeAllConnections(), DRAIN_MS)
  server.close()
  await once(server, 'close')
  clearTimeout(cut)
}

/** Ends the process. A wrong setting, or a port or folder in use, needs no stack. */
export function fail(error: unknown): void {
  const { message, stack, code, port } = error as NodeJS.ErrnoException & { port?: number }
  const isClear = error instanceof SetupError || error instanceof FileInUse
  if (code === 'EADDRINUSE') {
    console.error(`Port ${port} is in use: set PORT to another, or to 0 for one that is free`)
  } else {
    console.error(isClear ? message : stack)
  }
  process.exitCode = 1
}
