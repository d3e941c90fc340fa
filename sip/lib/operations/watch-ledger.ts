import type { Ledger } from 'civic-attestations'
import type { AnchoringStatus } from '../attester/anchoring.ts'
import type { Metrics } from './metrics.ts'

/** The ledger's height, and the time since the last block. Blocks come every ten minutes, seldom an hour apart. */
export function watchLedger(metrics: Metrics, ledger: Ledger): void {
  let last = { height: -1, since: Date.now() }
  const look = shared(async () => {
    const height = await ledger.tipHeight()
    if (height !== last.height) last = { height, since: Date.now() }
    return last
  })
  const { network } = ledger
  metrics.gauge('civic_sip_ledger_height', 'The last block', 'network', {
    [network]: async () => (await look()).height,
  })
  metrics.gauge('civic_sip_ledger_lag_seconds', 'Since when this process saw no new block', 'network', {
    [network]: async () => (Date.now() - (await look()).since) / 1000,
  })
}

/**
 * The attester's money.
 *
 * @param warn called with a line for the operator
 * @returns a function that warns if the money is low
 */
export function watchFunds(
  metrics: Metrics,
  network: string,
  status: () => Promise<AnchoringStatus>,
  warn: (line: string) => void,
): () => Promise<void> {
  metrics.gauge('civic_sip_funds_satoshi', 'The money for anchors', 'network', {
    [network]: async () => {
      const { balance } = await status()
      if (balance === undefined) throw new Error('the ledger does not say')
      return balance
    },
  })
  return async () => {
    for (const problem of (await status()).problems) warn(`attester: ${problem}`)
  }
}

/** Callers during a running check share its result. */
export function shared<T>(look: () => Promise<T>): () => Promise<T> {
  let underWay: Promise<T> | undefined
  return () =>
    (underWay ??= look().finally(() => {
      underWay = undefined
    }))
}
