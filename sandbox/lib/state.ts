import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import type { LedgerSnapshot } from 'civic-attestations'
import type { App, Credentials, EarlierIssued, Issued, KeyPair } from 'civic-sip-server'
import { newKeyPair } from './new-keys.ts'
import type { PersonDescription } from './people.ts'

/** The state across restarts: apps, people, keys, the blockchain. Never a scope request or a payload. */
export interface State {
  readonly version: 1
  /** 64 hex digits. UserIds and the test users' keys derive from it. */
  readonly secret: string
  readonly sipKeys: KeyPair
  readonly apps: readonly App[]
  /** Public key to private key, for the pairs that the sandbox made for its apps. */
  readonly prvKeys?: Readonly<Record<string, string>>
  readonly people: readonly PersonDescription[]
  /** The changes to test users, by id. */
  readonly edits?: Readonly<Record<string, PersonDescription>>
  /** Values that the server makes once, by name. */
  readonly settings?: Readonly<Record<string, string>>
  readonly issued?: readonly (Issued | EarlierIssued)[]
  /** The embedded blockchain. */
  readonly ledger?: LedgerSnapshot | undefined
}

export function newState(): State {
  return { version: 1, secret: randomBytes(32).toString('hex'), sipKeys: newKeyPair(), apps: [], people: [] }
}

/**
 * @returns undefined if the file does not exist
 * @throws Error that names the file if it is not a state file of this version
 */
export function readState(path: string): State | undefined {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  const state = parse(text)
  if (!state) throw new Error(`${path} is not a state file of this sandbox: move it away, or name another`)
  return state
}

/** Replaces the file atomically, so that a crash leaves the old or the new one. Mode 0600, because it contains keys. */
export function writeState(path: string, state: State): void {
  const fresh = `${path}.${process.pid}.tmp`
  rmSync(fresh, { force: true })
  const file = openSync(fresh, 'wx', 0o600)
  try {
    writeFileSync(file, `${JSON.stringify(state, undefined, 2)}\n`)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(fresh, path)
}

function parse(text: string): State | undefined {
  try {
    const state = JSON.parse(text) as Partial<Record<keyof State, unknown>> | null
    const isState =
      state?.version === 1 &&
      typeof state.secret === 'string' &&
      typeof state.sipKeys === 'object' &&
      Array.isArray(state.apps) &&
      Array.isArray(state.people)
    return isState ? broughtUpToDate(state as State) : undefined
  } catch {
    return undefined
  }
}

/** Earlier versions kept the private keys with the apps. */
function broughtUpToDate({ apps, prvKeys = {}, ...state }: State): State {
  const all = { ...prvKeys }
  const withoutKeys = apps.map(({ credentials, ...app }) => {
    const [first, ...others] = credentials.map(({ prvKey, ...keys }: Credentials & { prvKey?: string }) => {
      if (prvKey !== undefined) all[keys.pubKey] = prvKey
      return keys
    })
    return { ...app, credentials: [first as Credentials, ...others] as const }
  })
  return { ...state, apps: withoutKeys, prvKeys: all }
}
