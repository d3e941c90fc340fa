/** Verifies attestations, offline and on the embedded ledger, in a process that lacks some verifiers. */
import { Buffer } from 'node:buffer'
import Module from 'node:module'
import process from 'node:process'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { serve } from './child.js'
import { cpu } from './measure.js'

/** Makes packages look as if they were not installed, and `node:crypto` as in a browser. */
function hide(names) {
  const resolve = Module._resolveFilename
  Module._resolveFilename = function (name, ...more) {
    if (names.includes(name.split('/')[0])) throw new Error(`${name} is hidden`)
    return resolve.call(this, name, ...more)
  }
  const builtIn = process.getBuiltinModule
  process.getBuiltinModule = (name) => (names.includes(name) ? undefined : builtIn(name))
}

let attest
let verifier
let issued

/** Milliseconds of processor time that work takes, divided by a count. */
async function each(count, work) {
  const before = cpu()
  await work()
  return (cpu() - before) / 1000 / count
}

serve({
  /**
   * @param {object} options
   * @param {Awaited<ReturnType<import('./issued.js').issueEach>>} options.issued
   * @param {string[]} options.without the packages and modules that the process lacks
   * @returns the name of the verifier that is used
   */
  async setup({ issued: { snapshot, ...given }, without }) {
    hide(without)
    // Not sooner: some of its modules look for node:crypto when they are loaded
    attest = await import('civic-attestations')
    verifier = (await import('../../attestations/dist/verifier.js')).verifier()
    issued = { ...given, ledger: new attest.EmbeddedLedger({ snapshot }) }
    return verifier.name
  },

  /**
   * Milliseconds of processor time: of one signature; and for one attestation, of `verifyOffline` with the grant, and of
   * `verifyOnLedger` for its result.
   */
  async measure() {
    const { attestations, request, ledger, authorities } = issued
    const count = attestations.length
    const secret = new Uint8Array(32).fill(7)
    const message = Buffer.from('a subject')
    const [signature, point] = [secp256k1.sign(message, secret), secp256k1.getPublicKey(secret)]
    let verified
    return {
      signature: await each(count, () => {
        for (let left = count; left > 0; left--) {
          if (!verifier.verify(message, signature, point)) throw new Error('a signature is not verified')
        }
      }),
      offline: await each(count, () => {
        verified = attestations.map((attestation) => attest.verifyOffline(attestation, request))
        if (!verified.every(({ isOwner }) => isOwner)) throw new Error('an attestation is not owned')
      }),
      onLedger: await each(count, async () => {
        for (const attestation of verified) {
          const { isValid } = await attest.verifyOnLedger(attestation, ledger, { authorities })
          if (!isValid) throw new Error('an attestation is not valid')
        }
      }),
    }
  },
})
