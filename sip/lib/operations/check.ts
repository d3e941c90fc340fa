import type { Ledger } from 'civic-attestations'
import type { AnchoringStatus } from '../attester/anchoring.ts'
import type { PublishedKey, Queryable } from '../store/postgres/index.ts'
import type { Said } from './admin-socket.ts'
import { shortly } from './describe-error.ts'

/** The result of checking one thing that the server needs. */
export interface Finding {
  readonly name: string
  readonly is: 'well' | 'warning' | 'wrong'
  readonly says: string
  /** What the operator can do about it. */
  readonly todo?: string
}

/** Checks one thing. It fails by throwing. */
export interface Examination {
  readonly name: string
  readonly examine: () => Promise<Omit<Finding, 'name'>>
  /** What to do if it throws. */
  readonly todo: string
}

/** Beyond this difference of clocks, tokens are refused. */
const CLOCK_WRONG_MS = 30_000
const CLOCK_WARNING_MS = 5_000
const TIMEOUT_MS = 10_000
/** A slower database slows down every login. */
const SLOW_MS = 100

/** Runs the checks one after the other. */
export async function checkAll(examinations: readonly Examination[]): Promise<readonly Finding[]> {
  const findings: Finding[] = []
  for (const { name, examine, todo } of examinations) {
    try {
      findings.push({ name, ...(await examine()) })
    } catch (error) {
      findings.push({ name, is: 'wrong', says: shortly(error), todo })
    }
  }
  return findings
}

/** The command's output for the results. */
export function saidOf(findings: readonly Finding[]): Said {
  const width = Math.max(...findings.map(({ name }) => name.length)) + 2
  const lines = findings.flatMap(({ name, is, says, todo }) => [
    `${name.padEnd(width)}${(is === 'well' ? 'ok' : is).padEnd(9)}${says}`,
    ...(todo === undefined ? [] : [`${' '.repeat(width + 9)}${todo}`]),
  ])
  return { lines, isDone: findings.every(({ is }) => is !== 'wrong') }
}

export function examineDatabase(pool: Queryable): Examination {
  return {
    name: 'database',
    todo: 'Check DATABASE_URL, and whether PostgreSQL runs and accepts this user.',
    examine: async () => {
      const start = performance.now()
      const { rows } = await pool.query<{ version: string }>(
        "select current_setting('server_version') as version",
      )
      const ms = Math.round(performance.now() - start)
      const says = `PostgreSQL ${rows[0]?.version ?? ''}, responds in ${ms} ms`
      if (ms <= SLOW_MS) return { is: 'well', says }
      return {
        is: 'warning',
        says,
        todo: 'Each login asks the database about twenty times: move the database nearer.',
      }
    },
  }
}

/** @param ledgerUrl the Esplora server's URL; undefined for a private ledger, which uses this process's clock */
export function examineClock(
  pool: Queryable,
  ledgerUrl: string | undefined,
  { now = Date.now, fetch = globalThis.fetch }: { now?: () => number; fetch?: typeof globalThis.fetch } = {},
): Examination {
  const todo =
    'Set the clocks of the machines by NTP. Tokens are valid for minutes, and a wrong clock refuses them.'
  return {
    name: 'clock',
    todo,
    examine: async () => {
      const database = await offset(now, async () => {
        const { rows } = await pool.query<{ ms: string }>(
          'select (extract(epoch from clock_timestamp()) * 1000)::bigint as ms',
        )
        return Number(rows[0]?.ms)
      })
      const ledger =
        ledgerUrl === undefined
          ? undefined
          : await offset(now, () => timeOf(ledgerUrl, fetch)).catch(() => undefined)
      const differences = [
        { of: "the database's", ms: database },
        ...(ledger === undefined ? [] : [{ of: "the ledger's", ms: ledger }]),
      ]
      const most = Math.max(...differences.map(({ ms }) => Math.abs(ms)))
      const says = differences
        .map(({ of, ms }) => `${(Math.abs(ms) / 1000).toFixed(1)} s ${ms < 0 ? 'ahead of' : 'behind'} ${of}`)
        .join(', ')
      if (most < CLOCK_WARNING_MS) return { is: 'well', says }
      return { is: most < CLOCK_WRONG_MS ? 'warning' : 'wrong', says, todo }
    },
  }
}

export function examineLedger(ledger: Ledger, isPrivate: boolean): Examination {
  return {
    name: 'ledger',
    todo: 'Check ESPLORA_URL. Until it responds, nobody can log in with attestations, and nothing is attested.',
    examine: async () => {
      const says = `${ledger.network}, block ${await ledger.tipHeight()}`
      if (!isPrivate) return { is: 'well', says }
      return {
        is: 'warning',
        says: `${says}: a private ledger in the database`,
        todo: 'Only this server vouches for its attestations. Set ESPLORA_URL for a public blockchain.',
      }
    },
  }
}

/** @param check connects and logs in; undefined if no mail server is set */
export function examineMail(check: (() => Promise<void>) | undefined): Examination {
  return {
    name: 'mail',
    todo: 'Check SMTP_URL: host, port, user and password. The server keeps messages, and sends them once it works.',
    examine: async () => {
      if (check) {
        await check()
        return { is: 'well', says: 'the mail server accepts the login' }
      }
      return {
        is: 'warning',
        says: 'there is no mail server',
        todo: 'Set SMTP_URL and MAIL_FROM. Until then, email addresses cannot be verified.',
      }
    },
  }
}

/** @param anchoring the state of anchoring */
export function examineFunds(anchoring: () => Promise<AnchoringStatus>, isPrivate: boolean): Examination {
  return {
    name: 'funds',
    todo: 'Check ESPLORA_URL. Until the ledger responds, the balance is unknown.',
    examine: async () => {
      const { balance, address, problems } = await anchoring()
      if (isPrivate) return { is: 'well', says: 'a private ledger needs no funds' }
      const says = `${balance ?? 'an unknown number of'} satoshi at ${address}`
      if (problems.length === 0) return { is: 'well', says }
      return { is: 'warning', says, todo: `${problems.join('; ')}.` }
    },
  }
}

const DAY_MS = 24 * 60 * 60_000

export interface KeysToExamine {
  readonly keys: { readonly all: readonly PublishedKey[] }
  /** The xpubs of the attester. */
  readonly authorities: readonly string[]
  /** Those of earlier attesters, whose keys were replaced. */
  readonly former?: readonly string[]
  /** How many secrets `SIP_SECRET` names. */
  readonly secrets: number
}

/** @param now milliseconds since the epoch */
export function examineKeys(parts: KeysToExamine, now = Date.now): Examination {
  const { keys, authorities, former = [], secrets } = parts
  return {
    name: 'keys',
    todo: 'Check SIP_SECRET.',
    examine: () => {
      const next = keys.all.find(({ state }) => state === 'next')
      const signing = keys.all.map(({ state, pubKey }) => `${state} ${pubKey.slice(0, 12)}…`).join(', ')
      const before = former.length > 0 ? `, before its keys were replaced ${former.join(', ')}` : ''
      const says = `${signing}; the attester is ${authorities.join(', ')}${before}`
      const days = next && Math.floor((now() - next.createdAt) / DAY_MS)
      const todo = [
        ...(secrets > 1
          ? ['SIP_SECRET names two secrets. Remove the previous one once everything is sealed again.']
          : []),
        ...(days !== undefined && days >= 30 ? ['The next key can sign now: rotate-keys --activate.'] : []),
      ].join(' ')
      return Promise.resolve(todo === '' ? { is: 'well', says } : { is: 'warning', says, todo })
    },
  }
}

/** How far a clock is ahead of this machine's, in milliseconds, corrected by half of the round trip. */
async function offset(now: () => number, read: () => Promise<number>): Promise<number> {
  const start = now()
  const there = await read()
  return there - (start + now()) / 2
}

/** The server's `Date`, which has whole seconds, rounded down. */
async function timeOf(url: string, fetch: typeof globalThis.fetch): Promise<number> {
  const response = await fetch(`${url.replace(/\/+$/, '')}/blocks/tip/height`, {
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  })
  await response.body?.cancel()
  const time = Date.parse(response.headers.get('date') ?? '')
  if (Number.isNaN(time)) throw new Error('it sent no date')
  return time + 500
}
