import { lookup as dnsLookup } from 'node:dns'
import { request as httpRequest } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { LookupFunction } from 'node:net'
import { isPublicAddress } from './addresses.ts'
import { connect as connectWeb } from './connect-web.ts'
import { privateAddress, redirected, tooLarge } from './connect.ts'
import type { Connect, Lookup } from './connect.ts'

/** Uses Node's client, with a lookup that checks the addresses of a name. */
export const connect: Connect = async (url, request, options) => {
  if (options.fetch) return connectWeb(url, request, options)
  const { method, headers, body, maxBytes, signal } = request
  const { allowPrivate, lookup = dnsLookup } = options
  const send = url.startsWith('https:') ? httpsRequest : httpRequest
  return new Promise((resolve, reject) => {
    const init = { method, headers, signal, agent: false, lookup: guarded(lookup, allowPrivate) } as const
    const outgoing = send(url, init, (response) => {
      read(response, maxBytes).then(resolve, (error: unknown) => {
        outgoing.destroy()
        reject(error)
      })
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

/** Refuses a name if any of its addresses is not public, so that its owner cannot choose which one is used. */
function guarded(lookup: Lookup, allowPrivate: boolean): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { all: true }, (error, addresses = []) => {
      const [first] = addresses
      if (error || !first) {
        callback(error ?? new Error('the name has no address'), '', 0)
        return
      }
      if (!allowPrivate && !addresses.every(({ address }) => isPublicAddress(address))) {
        callback(privateAddress(), '', 0)
        return
      }
      if (options.all) callback(null, [...addresses])
      else callback(null, first.address, first.family)
    })
  }
}

async function read(
  response: IncomingMessage,
  maxBytes: number,
): Promise<{ status: number; retryAfter: string | null; body: string }> {
  const { statusCode: status = 0, headers } = response
  if (status >= 300 && status < 400) throw redirected()
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > maxBytes) throw tooLarge()
    chunks.push(chunk)
  }
  const body = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks))
  return { status, retryAfter: headers['retry-after'] ?? null, body }
}
