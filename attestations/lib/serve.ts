import { LedgerUnavailable, TransactionRefused } from './errors.ts'
import type { Ledger } from './ledger.ts'

/** An HTTP response, for any web server to send. */
export interface EsploraAnswer {
  status: number
  contentType: string
  body: string
}

function text(status: number, body: string): EsploraAnswer {
  return { status, contentType: 'text/plain', body }
}

function json(value: unknown): EsploraAnswer {
  return {
    status: 200,
    contentType: 'application/json',
    body: JSON.stringify(value),
  }
}

function found<T>(value: T | undefined, answer: (value: T) => EsploraAnswer): EsploraAnswer {
  return value === undefined ? text(404, 'Transaction not found') : answer(value)
}

type Route = (ledger: Ledger, parameters: string[], body: string) => Promise<EsploraAnswer>

const ROUTES: readonly (readonly [method: string, path: RegExp, route: Route])[] = [
  ['GET', /^\/tx\/([0-9a-f]{64})$/, async (ledger, [txid = '']) => found(await ledger.tx(txid), json)],
  [
    'GET',
    /^\/tx\/([0-9a-f]{64})\/hex$/,
    async (ledger, [txid = '']) => found(await ledger.txHex(txid), (raw) => text(200, raw)),
  ],
  ['GET', /^\/tx\/([0-9a-f]{64})\/status$/, async (ledger, [txid = '']) => json(await ledger.txStatus(txid))],
  [
    'GET',
    /^\/tx\/([0-9a-f]{64})\/outspend\/([0-9]{1,9})$/,
    async (ledger, [txid = '', vout]) => json(await ledger.outspend(txid, Number(vout))),
  ],
  [
    'GET',
    /^\/scripthash\/([0-9a-f]{64})\/utxo$/,
    async (ledger, [hash = '']) => json(await ledger.utxos(hash)),
  ],
  ['GET', /^\/blocks\/tip\/height$/, async (ledger) => text(200, String(await ledger.tipHeight()))],
  ['GET', /^\/fee-estimates$/, async (ledger) => json((await ledger.feeEstimates?.()) ?? {})],
  ['POST', /^\/tx$/, async (ledger, _, body) => text(200, await ledger.broadcast(body.trim()))],
]

/**
 * Responds to a request to Esplora's HTTP API from a ledger, for the routes that `Ledger` names.
 *
 * @param method such as `GET`
 * @param path the URL's path below the API's base, without a query: `/tx/…`
 * @param body the request's body as text; the web server bounds its length
 * @returns 400 for a transaction that the ledger refuses, 404 for an unknown route or object, 503 if the ledger is
 *   unavailable
 */
export async function handleEsplora(
  ledger: Ledger,
  method: string,
  path: string,
  body = '',
): Promise<EsploraAnswer> {
  for (const [routeMethod, pattern, route] of ROUTES) {
    const match = routeMethod === method ? pattern.exec(path) : null
    if (match === null) continue
    try {
      return await route(ledger, match.slice(1), body)
    } catch (error) {
      if (error instanceof LedgerUnavailable) return text(503, 'the ledger is unavailable')
      if (!(error instanceof TransactionRefused)) throw error
      return text(
        400,
        `sendrawtransaction RPC error: ${JSON.stringify({ code: -26, message: error.reason })}`,
      )
    }
  }
  return text(404, 'Not found')
}
