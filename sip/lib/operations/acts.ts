import type { Ledger } from 'civic-attestations'
import { authorityKey } from '../attester/signers.ts'
import type { Config } from '../config.ts'
import type { Sip } from '../sip-options.ts'
import type { Storage } from '../store/postgres/index.ts'
import { said } from './admin-socket.ts'
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
import { rotateKeys } from './rotate-keys.ts'
import type { RotationParts } from './rotate-keys.ts'

export interface ActParts {
  readonly storage: Storage
  readonly sip: Sip
  readonly ledger: Ledger
  readonly config: Config
  /** Connects to the mail server and logs in. Undefined if no mail server is set. */
  readonly checkMail: (() => Promise<void>) | undefined
  readonly ownerMailBy: RotationParts['ownerMailBy']
}

/** The commands as a running server executes them: it updated the tables when it started, and spends the money. */
export function actsOfRunning(acts: Readonly<Record<string, Act>>): Readonly<Record<string, Act>> {
  const refuse = (line: string) => (): Promise<Said> => Promise.resolve({ lines: [line], isDone: false })
  return {
    ...acts,
    migrate: refuse('The server that runs updated the tables when it started. Stop it before you migrate.'),
    recover: refuse('The server that runs spends the same money. Stop it before you recover.'),
  }
}

/** The commands that need an open database, by name. */
export function actsOf(parts: ActParts): Readonly<Record<string, Act>> {
  const { storage, sip, ledger, config, checkMail, ownerMailBy } = parts
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
    // Opening the database has migrated it
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
    'rotate-keys': (flags) => rotateKeys({ storage, ownerMailBy, url: config.publicUrl }, flags),
  }
}
