/** How long it takes to anchor many trees at once. */
import { randomUUID } from 'node:crypto'
import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { merkleTree, signSubject } from 'civic-attestations'
import { MIGRATIONS, openDatabase, PrivateLedger, storageIn } from 'civic-sip-server/database'
import { Issuer } from '../../sip/lib/attester/issuer.ts'
import { localSigners } from '../../sip/lib/attester/signers.ts'
import { person } from '../../test/support/recorded.ts'
import { number, whole } from '../support/format.js'
import { cpu } from '../support/measure.js'
import { ms } from './logins.js'
import { hex, newDatabase, postgresCpu } from './stage.js'

const SET = 'attCivicResidence'
const LABEL = 'documents.address.city'

/** Part 5: trees of as many people wait; then all are anchored on the private ledger. */
export async function anchoring(postgres, { isShort }) {
  const count = isShort ? 20 : 1_000
  const url = await newDatabase(postgres.url, 'anchoring')
  const database = await openDatabase(url, { migrations: MIGRATIONS, log: () => undefined })
  try {
    const { stores, secret } = await storageIn(database, { secrets: [hex(32)] })
    const ledger = await PrivateLedger.open(database)
    const issuer = new Issuer({
      secret,
      signers: localSigners(hex(64)),
      chain: { ledger, fund: ledger.attester.fund },
      // Works when it is told to
      policy: { every: 2 ** 31 - 1 },
      ...stores,
      clock: Date.now,
    })
    const trees = Array.from({ length: count }, (_, at) => {
      const tree = merkleTree({ [LABEL]: `Town ${at}` })
      const subject = signSubject({ label: SET, data: tree.root }, person(`person ${at} of the bench`).xprv)
      return { id: randomUUID(), set: SET, tree, subject }
    })
    const queued = await timed(postgres, async () => {
      for (const tree of trees) await issuer.start(issuer.issue(tree))
    })
    const sent = await timed(postgres, () => issuer.work())
    await ledger.mine()
    const counted = await timed(postgres, () => issuer.work())
    const states = await Promise.all(trees.map(async ({ id }) => (await issuer.find(id)).state))
    const attested = states.filter((state) => state === 'attested').length
    if (attested !== count) throw new Error(`${attested} of ${count} are attested`)
    const row = (label, figures) => [
      label,
      `${number(figures.took / 1000)} s`,
      ms(figures.own / count),
      ms(figures.database / count),
      ms(figures.block),
    ]
    return {
      head: [`${whole(count)} trees`, 'time', 'processor time of a tree', 'of PostgreSQL', 'longest block'],
      rows: [
        row('made and queued', queued),
        row('anchored in one go', sent),
        row('found in a block, and attested', counted),
      ],
    }
  } finally {
    await database.close()
  }
}

async function timed(postgres, work) {
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const [own, database, started] = [cpu(), postgresCpu(postgres.url), performance.now()]
  await work()
  const took = performance.now() - started
  delay.disable()
  return {
    took,
    own: (cpu() - own) / 1000,
    database: postgresCpu(postgres.url) - database,
    block: delay.max / 1e6,
  }
}
