/**
 * Verifies many attestations of different holders, offline and on the embedded ledger. `node bench/attestations.js`
 * prints the figures.
 */
import { Buffer } from 'node:buffer'
import console from 'node:console'
import { generateKeyPairSync, sign, verify } from 'node:crypto'
import process from 'node:process'
import { pathToFileURL } from 'node:url'
import { HDKey } from '@scure/bip32'
import {
  EmbeddedLedger,
  anchor,
  findFunds,
  fundingScript,
  grant,
  issue,
  verifyOffline,
  verifyOnLedger,
} from 'civic-attestations'

const PER_TRANSACTION = 100
const REQUEST = { appId: 'bench', requestId: '00000000-0000-4000-8000-000000000000' }

/** An extended key pair, derived from a name. */
const keys = (name) => {
  const key = HDKey.fromMasterSeed(Buffer.from(name.padEnd(32)))
  return { xpub: key.publicExtendedKey, xprv: key.privateExtendedKey }
}

/** Attestations that are issued, granted and anchored, and the ledger with their anchors. */
const prepare = async (count) => {
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
  return { attestations, ledger, authorities: [authority.xpub] }
}

/** Milliseconds of this process's processor time. */
const cpuMs = () => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** Milliseconds of one verification by node:crypto on the attestations' curve, its key read already. */
const nodeVerification = (count) => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'secp256k1' })
  const message = Buffer.from('a subject')
  const signature = sign('sha256', message, privateKey)
  const before = cpuMs()
  for (let left = count; left > 0; left--) {
    if (!verify('sha256', message, publicKey, signature)) throw new Error('a signature is not verified')
  }
  return (cpuMs() - before) / count
}

/**
 * @param {number} total a multiple of 100
 * @returns {Promise<{ count: number, offlineMs: number, ledgerMs: number, nodeMs: number }>} the number of verified
 *   attestations, and the total milliseconds of processor time: of `verifyOffline` with the grant, and of
 *   `verifyOnLedger` for its result, on an embedded ledger. `nodeMs`: of one verification with node:crypto
 */
export const benchAttestations = async (total = 1000) => {
  const { attestations, ledger, authorities } = await prepare(total)
  const offline = cpuMs()
  const verified = attestations.map((attestation) => verifyOffline(attestation, REQUEST))
  if (!verified.every(({ isOwner }) => isOwner)) throw new Error('an attestation is not owned')
  const onLedger = cpuMs()
  for (const attestation of verified) {
    if (!(await verifyOnLedger(attestation, ledger, { authorities })).isValid) {
      throw new Error('an attestation is not valid')
    }
  }
  const end = cpuMs()
  const figures = { offlineMs: onLedger - offline, ledgerMs: end - onLedger, nodeMs: nodeVerification(total) }
  return { count: attestations.length, ...figures }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { count, offlineMs, ledgerMs } = await benchAttestations()
  const each = (ms) => `${(ms / count).toFixed(2)} ms each, ${ms.toFixed(0)} ms in all`
  console.log(`${count} attestations verified offline, grants included: ${each(offlineMs)}`)
  console.log(`${count} attestations verified on the embedded ledger: ${each(ledgerMs)}`)
}
