import { balance, findFunds, fundingAddress, fundingScript } from 'civic-attestations'
import type { FundingOutput, Issuer, Ledger } from 'civic-attestations'
import type { FullPolicy } from './policy.ts'
import type { Signers } from './signers.ts'

/** The blockchain that an issuer anchors on. */
export interface IssuerChain {
  readonly ledger: Ledger
  /** Called after each sent transaction, for example to make a block. */
  readonly sent?: () => void
  /** Called if there is no money: pays some to this script, as hex, if possible. */
  readonly fund?: (script: string) => unknown
}

/** An issuer's view of its blockchain. Methods throw LedgerUnavailable if the ledger gives no result. */
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

  /** The output script that holds the issuer's money, as hex. */
  get script(): string {
    return fundingScript(this.#parties)
  }

  /** Whether attestations name this issuer's keys. */
  isOf(parties: Issuer): boolean {
    return fundingScript(parties) === this.script
  }

  /** Its address, to pay to. */
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
    // The change output of a replaced transaction disappears
    const confirmed = this.#policy.replaceAfter !== undefined
    const found = await findFunds(ledger, this.#parties, { confirmed })
    if (found.length > 0 || !fund) return found
    await fund(this.script)
    return findFunds(ledger, this.#parties, { confirmed })
  }

  /** Satoshi, unconfirmed outputs included. */
  balance(): Promise<number> {
    return balance(this.#chain.ledger, this.#parties)
  }

  /** Satoshi for each byte, as the ledger estimates, within the bounds. */
  feeRate(): Promise<number> {
    return feeRateOf(this.#chain.ledger, this.#policy)
  }

  /** Whether the ledger has a transaction, confirmed or not. Another ledger may have been in use before. */
  async knows(txid: string): Promise<boolean> {
    return (await this.#chain.ledger.txHex(txid)) !== undefined
  }

  async isSpent(txid: string, vout: number): Promise<boolean> {
    return (await this.#chain.ledger.outspend(txid, vout)).spent
  }

  /** A transaction's confirmations. */
  async depth(txid: string): Promise<number> {
    const { confirmed, block_height: height } = await this.#chain.ledger.txStatus(txid)
    if (!confirmed) return 0
    if (this.#policy.settled === 1 || height === undefined) return 1
    return Math.max(1, (await this.#chain.ledger.tipHeight()) - height + 1)
  }
}

/** Satoshi for each byte, as a ledger estimates, within the bounds of a policy. @throws LedgerUnavailable */
export async function feeRateOf(
  ledger: Ledger,
  { minFeeRate, maxFeeRate, targetBlocks }: FullPolicy,
): Promise<number> {
  const estimates = (await ledger.feeEstimates?.()) ?? {}
  // The estimate for the allowed number of blocks, or for the next smaller one
  const [nearest] = Object.entries(estimates)
    .map(([blocks, rate]) => ({ blocks: Number(blocks), rate }))
    .filter(({ blocks }) => blocks <= targetBlocks)
    .sort((one, other) => other.blocks - one.blocks)
  return Math.min(maxFeeRate, Math.max(minFeeRate, nearest?.rate ?? minFeeRate))
}
