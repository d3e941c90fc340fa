import type { Ledger } from 'civic-attestations'
import { authorityKey } from '../attester/signers.ts'
import type { Config } from '../config.ts'
import type { Sip } from '../sip-options.ts'
import { replaceSealedKeys, reseal } from '../store/postgres/index.ts'
import type { PublishedKey, SigningKeys, Storage } from '../store/postgres/index.ts'
import type { Act, Said } from './admin-socket.ts'
import {
  checkAll,
  examineClock,
  examineDatabase,
  examineFunds,
  examineKeys,
  examineLedger,
  examineMail,
  saidOf,
} from './check.ts'

export interface ActParts {
  readonly storage: Storage
  readonly sip: Sip
  readonly ledger: Ledger
  readonly config: Config
  /** Connects to the mail server and logs in. Undefined where no mail server is set. */
  readonly checkMail: (() => Promise<void>) | undefined
}

/** The commands that need an open database, by name. */
export function actsOf({ storage, sip, ledger, config, checkMail }: ActParts): Readonly<Record<string, Act>> {
  const { pool } = storage.database
  const isPrivate = config.esploraUrl === undefined
  return {
    check: async () =>
      saidOf(
        await checkAll([
          examineDatabase(pool),
          examineClock(pool, config.esploraUrl),
          examineMail(checkMail),
          examineLedger(ledger, isPrivate),
          examineFunds(() => sip.anchoring(), isPrivate),
          examineKeys({
            keys: storage.keys,
            authorities: sip.authorities,
            former: storage.former.attesterSeeds.map((seed) => authorityKey(seed).xpub),
            secrets: config.secrets.length,
          }),
        ]),
      ),
    // Opening the database did it
    migrate: () => Promise.resolve(said('The tables are up to date.')),
    invite: async (flags) => {
      const isOperator = flags.has('operator')
      return said(
        await sip.invite({ operator: isOperator }),
        '',
        `Send this link to the person who becomes ${isOperator ? 'an operator' : 'the owner of a new partner'}. It works for 24 hours,`,
        'and for one wallet. Do not open it yourself: nothing happens before the person approves.',
      )
    },
    'rotate-keys': (flags) => rotateKeys(storage, flags),
  }
}

async function rotateKeys(storage: Storage, flags: ReadonlySet<string>): Promise<Said> {
  const { keys } = storage
  if (flags.size > 1) return { lines: ['rotate-keys: one step at a time'], isDone: false }
  if (flags.has('compromised')) return replaceAll(storage)
  if (flags.has('activate')) {
    const { warning } = await keys.activate()
    return said(...(warning === undefined ? [] : [warning]), 'The next key now signs.', ...published(keys))
  }
  if (flags.has('drop')) {
    await keys.drop()
    return said('The previous key is removed.', ...published(keys))
  }
  await keys.prepare()
  return said(
    ...published(keys),
    '',
    'The next key is published. Ask every partner to set both: sipPublicKey: [current, next].',
    'Sign with it in 30 days: rotate-keys --activate.',
  )
}

/** Somebody may have read the database together with the secret. */
async function replaceAll({ database, sealer, keys }: Storage): Promise<Said> {
  const { appIds, secrets, requests } = await replaceSealedKeys(database, sealer)
  await reseal(database.pool, sealer)
  await keys.refresh()
  return said(
    'Replaced every sealed key:',
    ...published(keys),
    `new app secrets of ${appIds.length} apps: ${appIds.join(', ') || 'none'}`,
    `made at the next start: ${secrets.join(', ')}`,
    `logins that ended: ${requests}`,
    '',
    'Restart every process now. Then ask every partner to set the new sipPublicKey and the new app secret.',
  )
}

function published({ all }: SigningKeys): string[] {
  return all.map(({ state, pubKey }: PublishedKey) => `${state.padEnd(9)} ${pubKey}`)
}

function said(...lines: readonly string[]): Said {
  return { lines, isDone: true }
}
