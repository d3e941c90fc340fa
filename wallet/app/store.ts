import { useEffect, useState } from 'preact/hooks'
import { Labels } from 'passport-civic-sip/user-data'
import { setDateLanguage } from 'civic-ui'
import type { Config, TestUser } from './config.ts'
import { claimsOf, heldOf, openIdentity } from './identity.ts'
import type { Activity, Identity, IdentityParts, Kept } from './identity.ts'
import { keepTestUser, openTestUser } from './test-users.ts'

/** The state of a person's own wallet. */
export interface VaultState {
  /** Whether this browser has a wallet, and whether it is open. */
  readonly vault: 'none' | 'locked' | 'open'
  /** Whether a passkey opens it too. */
  readonly hasPasskey: boolean
  /** For an open wallet: whether its words are on paper. */
  readonly areWordsKept: boolean
  /** For a locked wallet: the message for the person; may be empty. */
  readonly lockedWhy: string
}

/** The state that the screens show. */
export interface State extends VaultState {
  readonly config: Config
  readonly testUsers: readonly TestUser[]
  /** The current identity. */
  readonly identity: Identity | undefined
}

const SLOT = 'civic-wallet-test-user'
const listeners = new Set<() => void>()
let state: State | undefined
/** Writes run one after the other, so that the newest wins. */
let writing: Promise<unknown> = Promise.resolve()

/** @throws Error if nothing is loaded yet */
export function current(): State {
  if (!state) throw new Error('The wallet is not loaded yet.')
  return state
}

export function begin(config: Config, own: Pick<VaultState, 'vault' | 'hasPasskey'>): void {
  const testUsers = config.testUsers ?? []
  set({ config, testUsers, identity: undefined, ...own, areWordsKept: true, lockedWhy: '' })
}

export function setVaultState(change: Partial<VaultState>): void {
  set({ ...current(), ...change })
}

/** The state, with updates. */
export function useStore(): State {
  const [shown, setShown] = useState(current)
  useEffect(() => {
    const changed = (): void => setShown(current())
    listeners.add(changed)
    changed()
    return () => {
      listeners.delete(changed)
    }
  }, [])
  return shown
}

/** The test user of the last visit, if there is one. */
export function lastTestUser(): TestUser | undefined {
  const id = localStorage.getItem(SLOT)
  return current().testUsers.find((user) => user.id === id)
}

/** Switches the wallet to a test user. */
export async function playTestUser(user: TestUser): Promise<void> {
  const { testUsers } = current()
  if (!testUsers.some(({ id }) => id === user.id)) set({ ...current(), testUsers: [...testUsers, user] })
  const parts = await openTestUser(user)
  localStorage.setItem(SLOT, user.id)
  if (!user.isEmailVerified || heldOf(parts, 'attCivicBasic').length > 0) enter(parts)
  else enter({ ...parts, kept: await attestKnown(parts) })
}

/** Switches the wallet to a person with a known seed. */
export function enter(parts: IdentityParts): Identity {
  const identity = openIdentity(parts, current().config)
  set({ ...current(), identity })
  return identity
}

/** Leaves the wallet without an identity. */
export function leave(): void {
  localStorage.removeItem(SLOT)
  set({ ...current(), identity: undefined })
}

/** Stores an identity's data, if it is not a test user's. */
let keepOwn: (kept: Kept) => Promise<void> = () => Promise.resolve()

export function keepOwnBy(write: typeof keepOwn): void {
  keepOwn = write
}

/**
 * Stores and shows the identity's data.
 * @param change changes besides those in its `Wallet`
 * @throws Error in words for people if it cannot be stored
 */
export async function keep(identity: Identity, change: Partial<Kept> = {}): Promise<void> {
  const active = current().identity
  const before = active?.id === identity.id ? active.kept : identity.kept
  const kept: Kept = { ...before, ...change, wallet: identity.wallet.kept() }
  const values = identity.kind === 'own' ? (kept.values ?? {}) : identity.values
  const after: Identity = { ...identity, kept, values }
  if (active?.id === identity.id) set({ ...current(), identity: after })
  const write = (): Promise<void> =>
    identity.kind === 'test' ? keepTestUser(identity.id, kept) : keepOwn(kept)
  writing = writing.then(write, write)
  await writing
}

const MAX_ACTIVITY = 200

export function note(identity: Identity, activity: Activity): Promise<void> {
  const { kept } = current().identity ?? identity
  return keep(identity, { activity: [activity, ...kept.activity].slice(0, MAX_ACTIVITY) })
}

/** The attester knows that this is a test user's email: no code has to prove it. */
async function attestKnown(parts: IdentityParts): Promise<Kept> {
  const { config } = current()
  const identity = openIdentity(parts, config)
  const { wallet } = identity
  await wallet.attest(config.attester, claimsOf(identity, 'attCivicBasic'), { [Labels.EMAIL]: '' })
  const kept = { ...parts.kept, wallet: wallet.kept() }
  await keepTestUser(parts.id, kept)
  return kept
}

function set(next: State): void {
  const { dateLanguage = '' } = next.identity?.kept ?? {}
  if (dateLanguage !== (state?.identity?.kept.dateLanguage ?? '')) setDateLanguage(dateLanguage || undefined)
  state = next
  for (const changed of listeners) changed()
}
