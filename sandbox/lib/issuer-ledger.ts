import { findFunds, fundingScript, LedgerUnavailable } from 'civic-attestations'
import type { FundingOutput, Issuer } from 'civic-attestations'
import type { Chain } from './chain.ts'

/** What an issuer asks of the blockchain that it anchors on. Whatever cannot be told throws LedgerUnavailable. */
export class IssuerLedger {
  readonly #chain: Chain
  readonly #parties: Issuer

  constructor(chain: Chain, parties: Issuer) {
    this.#chain = chain
    this.#parties = parties
  }

  get network(): string {
    return this.#chain.ledger.network
  }

  /** @throws TransactionRefused */
  async send(tx: string): Promise<void> {
    await this.#chain.ledger.broadcast(tx)
    this.#chain.mineSoon()
  }

  /** The issuer's money. The sandbox's own blockchain makes some where there is none. */
  async funds(): Promise<FundingOutput[]> {
    const { ledger, isEmbedded } = this.#chain
    const found = await findFunds(ledger, this.#parties)
    if (found.length > 0 || !isEmbedded) return found
    this.#chain.mine(fundingScript(this.#parties))
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
