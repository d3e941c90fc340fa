/** Part 8: the cost of verifying attestations, for a site that gets them directly. */
import { Buffer } from 'node:buffer'
import { generateKeyPairSync, sign, verify } from 'node:crypto'
import { start } from '../support/child.js'
import { number, target, whole } from '../support/format.js'
import { issueEach } from '../support/issued.js'
import { cpu, interleave, median } from '../support/measure.js'

/** Every verifier, the fastest first. */
const VERIFIERS = {
  secp256k1: 'secp256k1, native code',
  'tiny-secp256k1': 'tiny-secp256k1, WebAssembly',
  'node:crypto': 'node:crypto, always there',
  '@noble/curves': '@noble/curves, JavaScript as in browsers',
}
const SLOW = '@noble/curves'

export async function attestations({ isShort }) {
  const count = isShort ? 100 : 200
  const children = await startEach(count)
  try {
    const contenders = Object.fromEntries(children.map(([name, { call }]) => [name, () => call('measure')]))
    const bare = () => ({ signature: nodeVerification(count) })
    const rounds = { rounds: isShort ? 1 : 5, slow: SLOW }
    const figures = await interleave({ ...contenders, bare }, rounds)
    const of = (name, figure) => median(figures[name].map((result) => result?.[figure]))
    const both = (name) => of(name, 'offline') + of(name, 'onLedger')
    const ms = (value) => `${number(value)} ms`
    const [[fastest]] = children
    const rows = children.map(([name]) => [
      VERIFIERS[name],
      ...['signature', 'offline', 'onLedger'].map((figure) => ms(of(name, figure))),
      ms(both(name)),
    ])
    return {
      title: 'Attestations',
      text: `\`civic-attestations\` verifying attestations, each of a different holder, by every verifier that is
        installed. It chooses the first of them that works. Processor time of one attestation: four signatures, and the
        rest. ${whole(count)} in a round; JavaScript, which is slow, 100, and not in every round.`,
      tables: [
        {
          head: ['', 'one signature', 'offline, with grant', 'then on the embedded ledger', 'both'],
          rows: [...rows, ['bare node:crypto, to compare', ms(of('bare', 'signature')), '', '', '']],
        },
      ],
      targets: [
        target('an attestation with grant, offline and on the ledger', both(fastest), { atMost: 1.2 }, 'ms'),
        target(
          'the same to one verification by node:crypto',
          both(fastest) / of('bare', 'signature'),
          { atMost: 4 },
          '×',
        ),
      ],
    }
  } finally {
    await Promise.all(children.map(([, { stop }]) => stop()))
  }
}

/** A process for each verifier, which lacks all faster ones. @returns by the verifier's name */
async function startEach(count) {
  const names = Object.keys(VERIFIERS)
  const issued = await issueEach(count)
  const children = new Map()
  for (const [faster, name] of names.entries()) {
    const attestations = name === SLOW ? issued.attestations.slice(0, 100) : issued.attestations
    const setup = { issued: { ...issued, attestations }, without: names.slice(0, faster) }
    const child = await start('attestations.js', setup)
    // A verifier that is not installed leaves its place to the next
    if (children.has(child.ready)) await child.stop()
    else children.set(child.ready, child)
  }
  return [...children]
}

/** Milliseconds of one verification by node:crypto on the attestations' curve, its key read already. */
function nodeVerification(count) {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'secp256k1' })
  const message = Buffer.from('a subject')
  const signature = sign('sha256', message, privateKey)
  const before = cpu()
  for (let left = count; left > 0; left--) {
    if (!verify('sha256', message, publicKey, signature)) throw new Error('a signature is not verified')
  }
  return (cpu() - before) / 1000 / count
}
