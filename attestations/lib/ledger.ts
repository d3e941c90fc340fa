/** Whether a transaction is in a block, and in which, as Esplora reports it. */
export interface TxStatus {
  confirmed: boolean
  block_height?: number
  block_hash?: string
  /** Epoch seconds. */
  block_time?: number
}

/** An output, as Esplora describes it. */
export interface LedgerOutput {
  scriptpubkey: string
  scriptpubkey_type: string
  /** Satoshi. */
  value: number
}

/** A transaction, as Esplora describes it. A ledger may return more fields. */
export interface LedgerTx {
  txid: string
  version: number
  locktime: number
  vin: {
    txid: string
    vout: number
    prevout: LedgerOutput | null
    scriptsig: string
    is_coinbase: boolean
    sequence: number
  }[]
  vout: LedgerOutput[]
  /** Bytes. */
  size: number
  weight: number
  /** Satoshi. */
  fee: number
  status: TxStatus
}

/** What spends an output, as Esplora reports it; unconfirmed transactions count. */
export interface Outspend {
  spent: boolean
  txid?: string
  vin?: number
  status?: TxStatus
}

/** An unspent output of a script. */
export interface Utxo {
  txid: string
  vout: number
  /** Satoshi. */
  value: number
  status: TxStatus
}

/** The methods of a ledger that verification uses. */
export type LedgerReader = Pick<Ledger, 'txHex' | 'txStatus' | 'outspend' | 'tipHeight'>

/**
 * What this package needs from a blockchain: the routes of Esplora's HTTP API that it uses, each as a method. A method
 * that cannot find out rejects with LedgerUnavailable.
 */
export interface Ledger {
  /** The chain's name, which `anchor` writes into attestations: `bitcoin`, or `tbch` for a test network. */
  readonly network: string
  /** `GET /tx/:txid`; undefined if the ledger does not know it. */
  tx(txid: string): Promise<LedgerTx | undefined>
  /** `GET /tx/:txid/hex`: the raw transaction; undefined if the ledger does not know it. */
  txHex(txid: string): Promise<string | undefined>
  /** `GET /tx/:txid/status`; `{ confirmed: false }` if the ledger does not know the transaction. */
  txStatus(txid: string): Promise<TxStatus>
  /** `GET /tx/:txid/outspend/:vout`; `{ spent: false }` if the ledger does not know the output. */
  outspend(txid: string, vout: number): Promise<Outspend>
  /** `GET /blocks/tip/height`. */
  tipHeight(): Promise<number>
  /**
   * `GET /fee-estimates`: number of blocks to the fee rate, in satoshi for each byte, that confirms a transaction
   * within them. Absent if the next block takes every transaction.
   */
  feeEstimates?(): Promise<Readonly<Record<string, number>>>
  /** `GET /scripthash/:hash/utxo`; the hash is the output script's SHA-256, as hex. */
  utxos(scriptHash: string): Promise<Utxo[]>
  /**
   * `POST /tx`.
   * @param raw the transaction, as hex
   * @returns its id
   * @throws TransactionRefused if the ledger does not accept it
   */
  broadcast(raw: string): Promise<string>
}
