/** Attestations of different holders, for the part that verifies them. */
import { Buffer } from 'node:buffer'
import { HDKey } from '@scure/bip32'
import { EmbeddedLedger, anchor, findFunds, fundingScript, grant, issue } from 'civic-attestations'

const PER_TRANSACTION = 100
const REQUEST = { appId: 'bench', requestId: '00000000-0000-4000-8000-000000000000' }

/** An extended key pair, derived from a name. */
const keys = (name) => {
  const key = HDKey.fromMasterSeed(Buffer.from(name.padEnd(32)))
  return { xpub: key.publicExtendedKey, xprv: key.privateExtendedKey }
}

/**
 * Attestations that are issued, granted to one request and anchored, and the ledger with their anchors, to be verified by
 * other processes.
 *
 * @param {number} count a multiple of 100
 */
export async function issueEach(count) {
  const [authority, one, two] = ['authority', 'one', 'two'].map(keys)
  const issuer = {
    authority: { xpub: authority.xpub, path: '/0/0/11/1221' },
    cosigners: [{ xpub: one.xpub }, { xpub: two.xpub }],
  }
  const ledger = new EmbeddedLedger()
  ledger.mine(fundingScript(issuer))
  const attestations = []
  for (let made = 0; made < count; made += PER_TRANSACTION) {
    const batch = Array.from({ length: PER_TRANSACTION }, (_, index) => {
      const claims = {
        'contact.personal.email': `person${made + index}@example.org`,
        'contact.personal.phoneNumber': '+1 202 555 0143',
      }
      const holder = keys(`holder ${made + index}`)
      const [attestation] = issue({ ...issuer, label: 'attCivicBasic', claims, subject: holder.xprv })
      return grant({ attestation, ...REQUEST, key: holder.xprv })
    })
    const anchored = anchor({
      attestations: batch,
      keys: [authority.xprv, one.xprv],
      funds: await findFunds(ledger, issuer),
      network: ledger.network,
    })
    await ledger.broadcast(anchored.tx)
    attestations.push(...anchored.attestations)
  }
  ledger.mine()
  return { attestations, request: REQUEST, snapshot: ledger.toJSON(), authorities: [authority.xpub] }
}
