import { LedgerUnavailable, TransactionRefused } from './errors.ts'
import type { Ledger, LedgerTx, Outspend, TxStatus, Utxo } from './ledger.ts'
import { parseTransaction } from './transaction.ts'

/** Settings of an `EsploraLedger`, and their defaults. */
export interface EsploraOptions {
  /**
   * The name of the server's chain, which `anchor` writes into attestations.
   *
   * @default `bitcoin`
   */
  network?: string
  /**
   * Milliseconds for one request, up to the response's last byte.
   *
   * @default 10,000
   */
  timeout?: number
  /**
   * How often a read is retried after no response, 429 or 5xx. A transaction is sent once.
   *
   * @default `2`
   */
  retries?: number
  /**
   * Milliseconds before the first retry; doubles with each further one.
   *
   * @default `250`
   */
  retryDelay?: number
  /**
   * The largest response, in bytes after decompression.
   *
   * @default 4 MiB
   */
  maxResponseBytes?: number
  fetch?: typeof globalThis.fetch
  /**
   * Whether the server may be on plain http in a private network. Only for test networks.
   *
   * @default `false`
   */
  insecureLan?: boolean
}

interface Answer {
  status: number
  body: string
}

const HASH = /^[0-9a-f]{64}$/
const LOOPBACK = /^(?:localhost|.*\.localhost|127\.0\.0\.1|\[::1\])$/
/** RFC 1918, link-local and loopback addresses. */
const PRIVATE = /^(?:(?:10|127|192\.168|169\.254|172\.(?:1[6-9]|2\d|3[01]))\.[\d.]+|\[fe[89ab][0-9a-f]:.*)$/

type Json = Record<string, unknown>

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0
}

function isStatus(value: unknown): value is TxStatus {
  return (
    isObject(value) &&
    typeof value.confirmed === 'boolean' &&
    (value.block_height === undefined || value.block_height === null || isCount(value.block_height))
  )
}

function isOutspend(value: unknown): value is Outspend & Json {
  return isObject(value) && typeof value.spent === 'boolean'
}

function isUtxo(value: unknown): value is Utxo & Json {
  return (
    isObject(value) &&
    typeof value.txid === 'string' &&
    HASH.test(value.txid) &&
    isCount(value.vout) &&
    isCount(value.value) &&
    isStatus(value.status)
  )
}

function isEstimates(value: unknown): value is Record<string, number> {
  return (
    isObject(value) &&
    Object.entries(value).every(([blocks, rate]) => /^[0-9]{1,4}$/.test(blocks) && isRate(rate))
  )
}

function isRate(rate: unknown): boolean {
  return typeof rate === 'number' && Number.isFinite(rate) && rate > 0
}

function wholeNumber(value: number, name: string, least: number): number {
  if (!Number.isSafeInteger(value) || value < least)
    throw new TypeError(`${name} must be a whole number of ${least} or more`)
  return value
}

/**
 * A ledger behind any server that speaks Esplora's HTTP API, such as Blockstream's, mempool.space's or yours:
 * https://github.com/Blockstream/esplora/blob/master/API.md. A transaction's bytes are checked against its id. For
 * everything else about the chain, you trust the server.
 */
export class EsploraLedger implements Ledger {
  readonly network: string
  readonly #base: string
  readonly #host: string
  readonly #timeout: number
  readonly #retries: number
  readonly #retryDelay: number
  readonly #maxBytes: number
  readonly #fetch: typeof globalThis.fetch

  /**
   * @param url the API's base, such as `https://blockstream.info/api`; https, or http to a loopback host
   * @throws TypeError if the URL or an option is not what it should be
   */
  constructor(url: string | URL, options: EsploraOptions = {}) {
    const base = new URL(url)
    const { protocol, hostname } = base
    const isNear = LOOPBACK.test(hostname) || (options.insecureLan === true && PRIVATE.test(hostname))
    const secure = protocol === 'https:' || (protocol === 'http:' && isNear)
    if (!secure || base.username || base.password || base.search || base.hash) {
      throw new TypeError(
        'url must be https, or http to a loopback host, without credentials, query and fragment',
      )
    }
    this.#base = base.href.replace(/\/+$/, '')
    this.#host = base.host
    this.network = options.network ?? 'bitcoin'
    this.#timeout = wholeNumber(options.timeout ?? 10_000, 'timeout', 1)
    this.#retries = wholeNumber(options.retries ?? 2, 'retries', 0)
    this.#retryDelay = wholeNumber(options.retryDelay ?? 250, 'retryDelay', 0)
    this.#maxBytes = wholeNumber(options.maxResponseBytes ?? 4 * 1024 * 1024, 'maxResponseBytes', 1)
    this.#fetch = options.fetch ?? ((input, init) => fetch(input, init))
  }

  /** @see Ledger.tx */
  async tx(txid: string): Promise<LedgerTx | undefined> {
    const answer = await this.#get(`/tx/${checked(txid)}`)
    if (answer.status === 404) return undefined
    const usable = (value: unknown): value is LedgerTx & Json =>
      isObject(value) &&
      value.txid === txid &&
      Array.isArray(value.vin) &&
      Array.isArray(value.vout) &&
      isStatus(value.status)
    return this.#json(answer, usable)
  }

  /** @see Ledger.txHex */
  async txHex(txid: string): Promise<string | undefined> {
    const answer = await this.#get(`/tx/${checked(txid)}/hex`)
    if (answer.status === 404) return undefined
    const raw = this.#ok(answer).trim()
    if (parseTransaction(raw)?.txid !== txid) throw this.#failure('responded with another transaction')
    return raw
  }

  /** @see Ledger.txStatus */
  async txStatus(txid: string): Promise<TxStatus> {
    const answer = await this.#get(`/tx/${checked(txid)}/status`)
    return answer.status === 404 ? { confirmed: false } : this.#json(answer, isStatus)
  }

  /** @see Ledger.outspend */
  async outspend(txid: string, vout: number): Promise<Outspend> {
    const path = `/tx/${checked(txid)}/outspend/${wholeNumber(vout, 'vout', 0)}`
    return this.#json(await this.#get(path), isOutspend)
  }

  /** @see Ledger.tipHeight */
  async tipHeight(): Promise<number> {
    const body = this.#ok(await this.#get('/blocks/tip/height')).trim()
    if (!/^[0-9]{1,9}$/.test(body)) throw this.#failure('responded with no block height')
    return Number(body)
  }

  /** @see Ledger.feeEstimates */
  async feeEstimates(): Promise<Readonly<Record<string, number>>> {
    return this.#json(await this.#get('/fee-estimates'), isEstimates)
  }

  /** @see Ledger.utxos */
  async utxos(scriptHash: string): Promise<Utxo[]> {
    const usable = (value: unknown): value is Utxo[] => Array.isArray(value) && value.every(isUtxo)
    return this.#json(await this.#get(`/scripthash/${checked(scriptHash)}/utxo`), usable)
  }

  /**
   * @see Ledger.broadcast
   * @throws TransactionRefused if the server refuses it
   * @throws LedgerUnavailable in any other case: the ledger may or may not have accepted the transaction
   */
  async broadcast(raw: string): Promise<string> {
    const txid = parseTransaction(raw)?.txid
    if (txid === undefined) throw new TypeError('raw must be a transaction, as hex')
    const answer = await this.#request('/tx', { method: 'POST', body: raw })
    if (answer.status === 400) throw new TransactionRefused(reasonOf(answer.body))
    if (this.#ok(answer).trim() !== txid)
      throw this.#failure("responded with something other than the transaction's id")
    return txid
  }

  #failure(what: string, cause?: unknown): LedgerUnavailable {
    return new LedgerUnavailable(`the ledger at ${this.#host} ${what}`, cause === undefined ? {} : { cause })
  }

  #ok({ status, body }: Answer): string {
    if (status !== 200) throw this.#failure(`responded with status ${status}`)
    return body
  }

  #json<T>(answer: Answer, usable: (value: unknown) => value is T): T {
    let value: unknown
    try {
      value = JSON.parse(this.#ok(answer))
    } catch (error) {
      if (error instanceof LedgerUnavailable) throw error
    }
    if (!usable(value)) throw this.#failure('responded with something unexpected')
    return value
  }

  async #get(path: string): Promise<Answer> {
    for (let attempt = 0; ; attempt++) {
      const last = attempt === this.#retries
      try {
        const answer = await this.#request(path, { method: 'GET' })
        if (last || (answer.status !== 429 && answer.status < 500)) return answer
      } catch (error) {
        if (last) throw error
      }
      await new Promise((resolve) => setTimeout(resolve, this.#retryDelay * 2 ** attempt))
    }
  }

  async #request(path: string, init: RequestInit): Promise<Answer> {
    const signal = AbortSignal.timeout(this.#timeout)
    try {
      // A stale "unspent" out of a browser's cache would hide a revocation
      const response = await this.#fetch(this.#base + path, {
        ...init,
        signal,
        redirect: 'error',
        credentials: 'omit',
        cache: 'no-store',
      })
      return { status: response.status, body: await this.#read(response) }
    } catch (error) {
      if (error instanceof LedgerUnavailable) throw error
      throw this.#failure(
        signal.aborted ? `did not respond in ${this.#timeout} ms` : 'could not be reached',
        error,
      )
    }
  }

  async #read(response: Response): Promise<string> {
    const decoder = new TextDecoder('utf-8', { fatal: true })
    const reader = response.body?.getReader()
    if (reader === undefined) return ''
    let body = ''
    let bytes = 0
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return body + decoder.decode()
      bytes += value.length
      if (bytes > this.#maxBytes) {
        await reader.cancel()
        throw this.#failure(`responded with more than ${this.#maxBytes} bytes`)
      }
      body += decoder.decode(value, { stream: true })
    }
  }
}

/** An id that is safe in a path. */
function checked(hash: string): string {
  if (!HASH.test(hash)) throw new TypeError('an id must be 64 lower-case hex digits')
  return hash
}

/** The reason inside `sendrawtransaction RPC error: {"code":-26,"message":"…"}`, printable and short. */
function reasonOf(body: string): string {
  const message = /"message":\s*"([^"\\]*)"/.exec(body)?.[1] ?? body
  return message.replace(/[^\x20-\x7e]+/g, ' ').slice(0, 200)
}
