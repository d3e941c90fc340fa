import { balance, findFunds, fundingAddress, fundingScript } from 'civic-attestations'
import type { FundingOutput, Issuer, Ledger } from 'civic-attestations'
import type { FullPolicy } from './policy.ts'
import type { Signers } from './signers.ts'

/** The blockchain that an issuer anchors on. */
export interface IssuerChain {
  readonly ledger: Ledger
  /** Called after each transaction that was sent, say to make a block. */
  readonly sent?: () => void
  /** Called where there is no money: pays some to this script, as hex, if that is possible here. */
  readonly fund?: (script: string) => unknown
}

/** What an issuer asks of the blockchain that it anchors on. Whatever cannot be told throws LedgerUnavailable. */
export class IssuerLedger {
  readonly #chain: IssuerChain
  readonly #signers: Signers
  readonly #policy: FullPolicy

  constructor(chain: IssuerChain, signers: Signers, policy: FullPolicy) {
    this.#chain = chain
    this.#signers = signers
    this.#policy = policy
  }

  get #parties(): Issuer {
    return this.#signers.parties
  }

  get network(): string {
    return this.#chain.ledger.network
  }

  /** Where the issuer's money is: an output script, as hex. */
  get script(): string {
    return fundingScript(this.#parties)
  }

  /** The same as an address, to pay to. */
  get address(): string {
    return fundingAddress(this.#parties, this.network)
  }

  /** @throws TransactionRefused */
  async send(tx: string): Promise<void> {
    await this.#chain.ledger.broadcast(tx)
    this.#chain.sent?.()
  }

  /** The issuer's money. A private blockchain makes some when it runs out. */
  async funds(): Promise<FundingOutput[]> {
    const { ledger, fund } = this.#chain
    // A transaction that is replaced takes its change output with it
    const confirmed = this.#policy.replaceAfter !== undefined
    const found = await findFunds(ledger, this.#parties, { confirmed })
    if (found.length > 0 || !fund) return found
    await fund(this.script)
    return findFunds(ledger, this.#parties, { confirmed })
  }

  /** Satoshi, also what waits for a block. */
  balance(): Promise<number> {
    return balance(this.#chain.ledger, this.#parties)
  }

  /** Satoshi for each byte, as the ledger estimates it, within the bounds. */
  async feeRate(): Promise<number> {
    const { minFeeRate, maxFeeRate, targetBlocks } = this.#policy
    const estimates = (await this.#chain.ledger.feeEstimates?.()) ?? {}
    // The estimate for as many blocks as may be, or the nearest that is sooner
    const [nearest] = Object.entries(estimates)
      .map(([blocks, rate]) => ({ blocks: Number(blocks), rate }))
      .filter(({ blocks }) => blocks <= targetBlocks)
      .sort((one, other) => other.blocks - one.blocks)
    return Math.min(maxFeeRate, Math.max(minFeeRate, nearest?.rate ?? minFeeRate))
  }

  /** Whether the ledger holds a transaction, in a block or waiting for one. Another ledger may have been in use. */
  async knows(txid: string): Promise<boolean> {
    return (await this.#chain.ledger.txHex(txid)) !== undefined
  }

  async isSpent(txid: string, vout: number): Promise<boolean> {
    return (await this.#chain.ledger.outspend(txid, vout)).spent
  }

  /** How many blocks hold a transaction: its own and those upon it. */
  async depth(txid: string): Promise<number> {
    const { confirmed, block_height: height } = await this.#chain.ledger.txStatus(txid)
    if (!confirmed) return 0
    if (this.#policy.settled === 1 || height === undefined) return 1
    return Math.max(1, (await this.#chain.ledger.tipHeight()) - height + 1)
  }
}
