import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { LETTERS } from '../attester/code-rules.ts'
import { Codes } from '../attester/codes.ts'
import type { Mailer, Texter } from '../attester/mailer.ts'
import { OwnProofs } from '../attester/proofs.ts'
import { extendedKey, publicKeyOf } from '../attester/xpub.ts'
import type { ExtendedKey } from '../attester/xpub.ts'
import { shortly } from '../operations/describe-error.ts'
import type { Seal } from '../outbox/sealer.ts'
import type { Sealer } from '../secrets/sealing.ts'
import { MemoryCodes } from '../store/memory-codes.ts'
import { unref } from '../timers.ts'
import { Cosigner } from './cosigner.ts'
import { cosignerApp } from './routes.ts'
import type { CosignerStore, HourlyLimits } from './store.ts'

const SWEEP_MS = 60_000
/** Where a store has the cosigner's seed. */
export const KEY_PLACE = { table: 'cosigner_settings', row: 'seed', column: 'value' }

export interface CosignOptions {
  /** The extended public key of the third key, whose private key is kept offline. */
  readonly recovery: string
  /** The password of the server's COSIGNER_URL: it signs the server's calls. */
  readonly callKey: string
  readonly store: CosignerStore
  /** Seals the cosigner's key with a secret that the server does not have. */
  readonly seal: Seal & Partial<Pick<Sealer, 'isCurrent'>>
  /** Sends the codes instead of the server. Without it, and without reviewers, the cosigner only limits money. */
  readonly mailer?: Mailer | undefined
  readonly texter?: Texter | undefined
  /** The reviewers' P-256 public keys, as hex. Their approvals are evidence. */
  readonly reviewers?: readonly string[]
  readonly limits?: HourlyLimits
  readonly host?: string
  readonly port?: number
  /** Called with a line for the operator. */
  readonly log?: (line: string) => void
}

export interface RunningCosigner {
  /** The address to listen on: behind TLS, unless server and cosigner are on one machine. */
  readonly origin: string
  readonly xpub: string
  close(): Promise<void>
}

/**
 * Starts a cosigner, which holds the second of the attester's three keys, in a separate program and folder and,
 * preferably, on a separate machine. Its key is made at the first start.
 * @throws TypeError for a wrong `recovery`
 */
export async function startCosigner(options: CosignOptions): Promise<RunningCosigner> {
  const {
    recovery,
    callKey,
    store,
    seal,
    mailer,
    texter,
    reviewers = [],
    limits,
    log = () => undefined,
  } = options
  checkRecovery(recovery)
  const seed = await keptSeed(store, seal)
  const key = extendedKey(Buffer.from(seed, 'hex'))
  const codes = new Codes({ store: new MemoryCodes(Date.now), clock: Date.now, secret: seed, rules: LETTERS })
  const proofs = mailer && new OwnProofs({ codes, mailer, texter })
  const cosigner = new Cosigner({ key, recovery, store, proofs, reviewers, ...(limits && { limits }) })
  if (!cosigner.facts.needsEvidence) {
    log(
      'cosigner: it sends no codes and knows no reviewer, so it limits money only, and not what is attested',
    )
  }
  const server = createServer(cosignerApp(cosigner, { key: callKey }))
  const { host = '127.0.0.1', port = 0 } = options
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, host, resolve)
  })
  const sweeper = unref(
    setInterval(() => {
      cosigner.sweep().catch((error: unknown) => log(`cosigner: ${shortly(error)}`))
    }, SWEEP_MS),
  )
  const { address, port: listening, family } = server.address() as AddressInfo
  const name = family === 'IPv6' ? `[${address}]` : address
  return {
    origin: `http://${name}:${listening}`,
    xpub: key.xpub,
    close: async () => {
      clearInterval(sweeper)
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeIdleConnections()
      await closed
    },
  }
}

/** Makes the third key, to write down and keep offline. With one of the others it can move the money. */
export function newRecoveryKey(): ExtendedKey {
  return extendedKey(randomBytes(64))
}

/** The cosigner's seed, which is made once. @throws SealError */
export async function keptSeed(store: CosignerStore, seal: CosignOptions['seal']): Promise<string> {
  const made = seal.seal(KEY_PLACE, randomBytes(64).toString('hex'))
  const kept = await store.once(KEY_PLACE.row, made)
  const seed = seal.open(KEY_PLACE, kept)
  // With two secrets set, the previous one is not needed at the next start
  if (seal.isCurrent?.(kept) === false) await store.replace(KEY_PLACE.row, seal.seal(KEY_PLACE, seed))
  return seed
}

function checkRecovery(recovery: string): void {
  try {
    publicKeyOf(recovery)
  } catch {
    throw new TypeError('RECOVERY_XPUB: an extended public key, as --new-recovery-key prints it')
  }
}
