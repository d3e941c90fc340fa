/** Whether and where a transaction is in a block, as Esplora says it. */
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

/** A transaction, as Esplora describes it. A ledger may say more of it. */
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

/** Who spends an output, as Esplora says it: a spend that still waits for a block counts. */
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

/** The part of a ledger that verification asks. */
export type LedgerReader = Pick<Ledger, 'txHex' | 'txStatus' | 'outspend' | 'tipHeight'>

/**
 * What this package asks of a blockchain: the routes of Esplora's HTTP API that it uses, each as a method. Every
 * method rejects with LedgerUnavailable when it could not find out.
 */
export interface Ledger {
  /** Names the chain in what `anchor` makes: `bitcoin`, or `tbch` for a test network. */
  readonly network: string
  /** `GET /tx/:txid`; undefined if the ledger does not know it. */
  tx(txid: string): Promise<LedgerTx | undefined>
  /** `GET /tx/:txid/hex`: the raw transaction; undefined if the ledger does not know it. */
  txHex(txid: string): Promise<string | undefined>
  /** `GET /tx/:txid/status`; of a transaction that it does not know, `{ confirmed: false }`. */
  txStatus(txid: string): Promise<TxStatus>
  /** `GET /tx/:txid/outspend/:vout`; of an output that it does not know, `{ spent: false }`. */
  outspend(txid: string, vout: number): Promise<Outspend>
  /** `GET /blocks/tip/height`. */
  tipHeight(): Promise<number>
  /**
   * `GET /fee-estimates`: by number of blocks, the satoshi for each byte with which a transaction is expected in so
   * many. Absent where every transaction is in the next block.
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
