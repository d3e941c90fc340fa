/** Part 8: the cost of verifying attestations, for a site that gets them directly. */
import { benchAttestations } from '../attestations.js'
import { number, target, whole } from '../support/format.js'

export async function attestations({ isShort }) {
  const { count, offlineMs, ledgerMs, nodeMs } = await benchAttestations(isShort ? 100 : 1000)
  const row = (name, ms) => [name, `${number(ms / count)} ms`, `${number(ms)} ms`]
  const both = (offlineMs + ledgerMs) / count
  return {
    title: 'Attestations',
    text: `\`civic-attestations\` verifying ${whole(count)} attestations, each of a different holder, by the
      fastest verifier that is installed: here tiny-secp256k1. Processor time.`,
    tables: [
      {
        head: ['', 'each', 'in all'],
        rows: [
          row('offline, grants included', offlineMs),
          row('then on the embedded ledger', ledgerMs),
          ['one ECDSA verification by node:crypto, to compare', `${number(nodeMs)} ms`, ''],
        ],
      },
    ],
    targets: [
      target('an attestation with grant, offline and on the ledger', both, { atMost: 1.2 }, 'ms'),
      target('the same to one verification by node:crypto', both / nodeMs, { atMost: 4 }, '×'),
    ],
  }
}
