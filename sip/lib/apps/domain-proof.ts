import { Resolver } from 'node:dns/promises'
import { request } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { Duplex } from 'node:stream'
import { sameText } from '../same-text.ts'
import { isPublicAddress } from './public-address.ts'

/** The path of the file that proves that a partner controls a host. */
export const PROOF_PATH = '/.well-known/civic-domain-proof'
/** The name below the host whose TXT record proves the same. */
const RECORD = '_civic-domain-proof'
const RECORD_PREFIX = 'civic-domain-proof='
const MAX_BYTES = 1024
const TIME_MS = 5000

/** The parts of the network that a check of a host uses. */
export interface Network {
  /** All addresses of a name. Rejects if it has none. */
  readonly addresses: (host: string) => Promise<readonly string[]>
  /** The TXT records of a name, each in its pieces. */
  readonly records: (name: string) => Promise<readonly (readonly string[])[]>
  /** A TLS connection to port 443 of an address, with a certificate for the host. */
  readonly connect: (address: string, host: string, signal: AbortSignal) => Promise<Duplex>
}

/** The name and the text of the TXT record. */
export function recordOf(host: string, value: string): { name: string; text: string } {
  return { name: `${RECORD}.${host}`, text: `${RECORD_PREFIX}${value}` }
}

/**
 * Whether a host publishes a value: in the file at `https://{host}/.well-known/civic-domain-proof`, or in a TXT record
 * of `_civic-domain-proof.{host}`. Partners choose the host, which could be in the network around this server. So this
 * connects only to public addresses, follows no redirects, and does not say why the value was not found.
 *
 * @param timeMs milliseconds after which the value counts as not found
 */
export async function isProved(
  host: string,
  value: string,
  network: Network = NETWORK,
  timeMs: number = TIME_MS,
): Promise<boolean> {
  // An address has no records, and seldom a certificate
  if (isIP(host.replace(/^\[|\]$/g, '')) !== 0) return false
  const signal = AbortSignal.timeout(timeMs)
  const looks = [inRecord(host, value, network), inFile(host, value, network, signal)]
  const late = new Promise<false>((resolve) => signal.addEventListener('abort', () => resolve(false)))
  const found = await Promise.all(looks.map((look) => Promise.race([look.catch(() => false), late])))
  return found.includes(true)
}

async function inRecord(host: string, value: string, { records }: Network): Promise<boolean> {
  const { name, text } = recordOf(host, value)
  return (await records(name)).some((pieces) => sameText(pieces.join(''), text))
}

async function inFile(
  host: string,
  value: string,
  { addresses, connect }: Network,
  signal: AbortSignal,
): Promise<boolean> {
  // Resolved once: a second result could differ
  const all = await addresses(host)
  const [address] = all
  if (address === undefined || !all.every(isPublicAddress)) return false
  const socket = await connect(address, host, signal)
  // Also handles errors after the request, when nobody listens any more
  socket.on('error', () => undefined)
  try {
    const response = await ask(socket, host, signal)
    return response.statusCode === 200 && sameText((await read(response)).trim(), value)
  } finally {
    socket.destroy()
  }
}

function ask(socket: Duplex, host: string, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const req = request({
      path: PROOF_PATH,
      headers: { Host: host, Accept: 'text/plain', Connection: 'close' },
      maxHeaderSize: 8 * MAX_BYTES,
      signal,
      // Any agent, even `false`, would connect by itself
      createConnection: () => socket,
    })
    req.once('response', resolve).once('error', reject).end()
  })
}

async function read(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MAX_BYTES) throw new Error('the file is too large')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

const RESOLVER = { timeout: 2000, tries: 2 }

const NETWORK: Network = {
  addresses: async (host) => {
    const resolver = new Resolver(RESOLVER)
    const found = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)])
    return found.flatMap((one) => (one.status === 'fulfilled' ? one.value : []))
  },
  records: (name) => new Resolver(RESOLVER).resolveTxt(name),
  connect: (address, host, signal) =>
    new Promise((resolve, reject) => {
      const socket = connectTls({ host: address, port: 443, servername: host })
      const end = (): void => void socket.destroy(new Error('the host is too slow'))
      signal.addEventListener('abort', end)
      socket.once('close', () => signal.removeEventListener('abort', end))
      socket.once('error', reject).once('secureConnect', () => resolve(socket))
    }),
}
