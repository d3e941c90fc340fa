import { EsploraLedger } from 'civic-attestations'
import { ISSUER_TURN } from '../attester/issuer.ts'
import { PUBLIC_LEDGER, withDefaults } from '../attester/policy.ts'
import { authorityKey, PATH } from '../attester/signers.ts'
import { extendedKey, publicKeyOf } from '../attester/xpub.ts'
import type { Config } from '../config.ts'
import { KEY_PLACE, keptSeed } from '../cosigner/cosign.ts'
import type { CosignerConfig } from '../cosigner/config.ts'
import { refuseNewer } from '../open-sip.ts'
import { AuditLog, COMMAND_LINE } from '../partners/audit.ts'
import { formerSecrets, keptSecret } from '../secrets/kept-secret.ts'
import {
  COSIGNER_MIGRATIONS,
  MIGRATIONS,
  openDatabase,
  PostgresCosigner,
  PostgresPartnerStores,
  Sealer,
  transaction,
} from '../store/postgres/index.ts'
import type { Database, OpenOptions } from '../store/postgres/index.ts'
import { PostgresSettings } from '../store/postgres/settings.ts'
import { recover, RecoveryError } from './recover.ts'
import type { Dialog, Holder, RecoverOptions } from './recover.ts'

/** What the operator asks for. */
export type Wish = Pick<RecoverOptions, 'to' | 'isSure' | 'dialog'>

type Chain = Pick<Config, 'esploraUrl' | 'network'>

/**
 * The cosigner is lost: moves the money with the server's key and the recovery key.
 *
 * @throws RecoveryError; FileInUse if a server runs on the embedded database; SealError
 */
export async function recoverOnServer(config: Config, wish: Wish): Promise<void> {
  const chain = chainOf(config)
  await withDatabase(config.database, { migrations: MIGRATIONS }, async (database) => {
    await refuseNewer(database)
    const sealer = new Sealer(config.secrets)
    const { audit } = new PostgresPartnerStores(database.pool, sealer)
    const log = new AuditLog(audit, Date.now)
    await recover({
      ...wish,
      ...chain,
      holders: await holdersOnServer(database, sealer),
      alone: async (work) => {
        const release = await database.lock(ISSUER_TURN)
        return work().finally(release)
      },
      record: (txid) => log.noteOwn(COMMAND_LINE, { what: 'money.recovered', detail: txid }),
    })
  })
}

/**
 * The server is lost: moves the money with the cosigner's key and the recovery key.
 *
 * @throws RecoveryError; FileInUse if a cosigner runs on the embedded database; SealError
 */
export async function recoverOnCosigner(config: CosignerConfig, wish: Wish): Promise<void> {
  const chain = chainOf(config)
  await withDatabase(config.database, { migrations: COSIGNER_MIGRATIONS }, async ({ pool }) => {
    const store = new PostgresCosigner(pool)
    // Else keptSeed would make one
    if (!(await store.has(KEY_PLACE.row)))
      throw new RecoveryError(
        'This database has no key of a cosigner. Check DATABASE_URL or DATA_FOLDER, or restore a backup.',
      )
    const signed = await store.authorities()
    const authorities = signed.length > 0 ? signed : [await askForAuthority(wish.dialog)]
    const own = extendedKey(Buffer.from(await keptSeed(store, new Sealer(config.secrets)), 'hex'))
    await recover({
      ...wish,
      ...chain,
      holders: authorities.map((authority) => holder(own, authority, [own.xpub, config.recovery])),
      alone: (work) => work(),
      record: () => Promise.resolve(),
    })
  })
}

/**
 * Has the server accept another cosigner at its next start, with the recovery key that it then names.
 *
 * @throws RecoveryError if it has no cosigner; FileInUse if a server runs on the embedded database
 */
export async function replaceCosigner(config: Config): Promise<void> {
  await withDatabase(config.database, { migrations: MIGRATIONS }, async (database) => {
    await refuseNewer(database)
    await transaction(database.pool, async (client) => {
      if (!(await new PostgresSettings(client).setCosignerAside(new Date()))) throw noCosigner()
      const { audit } = new PostgresPartnerStores(client, new Sealer(config.secrets))
      await new AuditLog(audit, Date.now).noteOwn(COMMAND_LINE, { what: 'cosigner.replaced' })
    })
  })
}

/** A cosigner learns who the server is when it first signs for it. */
async function askForAuthority(dialog: Dialog): Promise<string> {
  dialog.say('This cosigner has signed for no server yet. Check DATABASE_URL or DATA_FOLDER.')
  const typed = (await dialog.ask('The attester’s xpub, as noted at the key ceremony: '))?.trim() ?? ''
  try {
    publicKeyOf(typed)
    return typed
  } catch {
    throw new RecoveryError('This is not an extended public key, 111 characters from xpub.')
  }
}

function chainOf({ esploraUrl, network }: Chain): Pick<RecoverOptions, 'ledger' | 'policy'> {
  if (esploraUrl === undefined)
    throw new RecoveryError(
      'ESPLORA_URL is not set. Set it to the blockchain that holds the money: on a private ledger, money is worth nothing.',
    )
  return { ledger: new EsploraLedger(esploraUrl, { network }), policy: withDefaults(PUBLIC_LEDGER) }
}

async function withDatabase(
  address: string,
  options: OpenOptions,
  work: (database: Database) => Promise<void>,
): Promise<void> {
  const database = await openDatabase(address, options)
  try {
    await work(database)
  } finally {
    await database.close()
  }
}

/** The current keys and the replaced ones, which may hold money too. */
async function holdersOnServer({ pool }: Database, sealer: Sealer): Promise<Holder[]> {
  const cosigners = await new PostgresSettings(pool).cosigners()
  if (cosigners.length === 0) throw noCosigner()
  const seeds = [
    await keptSecret(pool, sealer, { name: 'attester', bytes: 64 }),
    ...(await formerSecrets(pool, sealer, 'attester')),
  ]
  return seeds.flatMap((seed) => {
    const own = authorityKey(seed)
    return cosigners.map((xpubs) => holder(own, own.xpub, xpubs))
  })
}

function holder(
  own: Holder['own'],
  authority: string,
  [cosigner, recovery]: readonly [string, string],
): Holder {
  return {
    own,
    parties: {
      authority: { xpub: authority, path: PATH },
      cosigners: [{ xpub: cosigner }, { xpub: recovery }],
    },
  }
}

function noCosigner(): RecoveryError {
  return new RecoveryError(
    'This server has no cosigner: it holds all three keys itself. Check DATABASE_URL or DATA_FOLDER, or restore a backup.',
  )
}
