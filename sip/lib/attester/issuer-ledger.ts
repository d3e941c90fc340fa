import { findFunds, fundingScript, LedgerUnavailable } from 'civic-attestations'
import type { FundingOutput, Issuer, Ledger } from 'civic-attestations'

/** The blockchain that an issuer anchors on. */
export interface IssuerChain {
  readonly ledger: Ledger
  /** Called after each transaction that was sent, say to make a block. */
  readonly sent?: () => void
  /** Called where there is no money: pays some to this script, as hex, if that is possible here. */
  readonly fund?: (script: string) => void | Promise<void>
}

/** What an issuer asks of the blockchain that it anchors on. Whatever cannot be told throws LedgerUnavailable. */
export class IssuerLedger {
  readonly #chain: IssuerChain
  readonly #parties: Issuer

  constructor(chain: IssuerChain, parties: Issuer) {
    this.#chain = chain
    this.#parties = parties
  }

  get network(): string {
    return this.#chain.ledger.network
  }

  /** @throws TransactionRefused */
  async send(tx: string): Promise<void> {
    await this.#chain.ledger.broadcast(tx)
    this.#chain.sent?.()
  }

  /** The issuer's money. A private blockchain makes some when it runs out. */
  async funds(): Promise<FundingOutput[]> {
    const { ledger, fund } = this.#chain
    const found = await findFunds(ledger, this.#parties)
    if (found.length > 0 || !fund) return found
    await fund(fundingScript(this.#parties))
    return findFunds(ledger, this.#parties)
  }

  /** Whether the ledger holds a transaction, in a block or waiting for one. Another ledger may have been in use. */
  async knows(txid: string): Promise<boolean> {
    return (await this.#chain.ledger.txHex(txid)) !== undefined
  }

  async isSpent(txid: string, vout: number): Promise<boolean> {
    return (await this.#chain.ledger.outspend(txid, vout)).spent
  }

  /** False also where nobody can tell: who asks later finds out. */
  async isInBlock(txid: string): Promise<boolean> {
    try {
      return (await this.#chain.ledger.txStatus(txid)).confirmed
    } catch (error) {
      if (error instanceof LedgerUnavailable) return false
      throw error
    }
  }
}
