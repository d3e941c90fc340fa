/** Part 8: what verifying attestations costs, which a site does that gets them directly. */
import { benchAttestations } from '../attestations.js'
import { number, whole } from '../support/format.js'

export async function attestations({ isShort }) {
  const { count, offlineMs, ledgerMs } = await benchAttestations(isShort ? 100 : 1000)
  const row = (name, ms) => [name, `${number(ms / count)} ms`, `${number(ms)} ms`]
  return {
    title: 'Attestations',
    text: `\`civic-attestations\` verifying ${whole(count)} attestations, each of a different holder, by the
      fastest verifier that is installed.`,
    tables: [
      {
        head: ['', 'each', 'in all'],
        rows: [row('offline, grants included', offlineMs), row('on the embedded ledger', ledgerMs)],
      },
    ],
    targets: [],
  }
}
