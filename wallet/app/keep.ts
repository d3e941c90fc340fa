import type { Attestation } from 'civic-attestations'
import { useEffect, useState } from 'preact/hooks'
import type { AttestationSet } from '../lib/hosted/wallet-core.ts'
import { walletKey } from '../lib/hosted/wallet-key.ts'
import type { WalletKey } from '../lib/hosted/wallet-key.ts'

/** A test user, as the sandbox describes one. */
export interface PersonSummary {
  readonly id: string
  readonly name: string
  readonly email: string
  readonly phoneNumber: string
}

export interface Person extends PersonSummary {
  /** Label to value: what the person could have attested, but for the document's picture, which the wallet takes. */
  readonly values: Readonly<Record<string, string>>
}

/** What was attested in one go, and what is known of it. */
export interface Held {
  /** By which the attester knows it. What an earlier wallet kept has none. */
  readonly id?: string
  readonly status: 'temporary' | 'permanent' | 'revoked'
  readonly attestations: readonly Attestation[]
  /** Why it is not anchored yet. */
  readonly failure?: string
}

/** A person in this wallet: with a key, and what was attested to that key. */
export interface Holder extends Person {
  readonly key: WalletKey
  readonly held: Readonly<Partial<Record<AttestationSet, Held>>>
}

interface Kept {
  readonly holders: readonly Holder[]
  /** Whose wallet it is at the moment. */
  readonly active?: string
}

const SLOT = 'civic-wallet'
const NOBODY: Kept = { holders: [] }
const listeners = new Set<() => void>()

/**
 * What the wallet keeps in this browser's storage: the people in it and their keys. It is kept only there, so that
 * several pages of the wallet agree.
 */
export function kept(): Kept {
  try {
    const found = JSON.parse(localStorage.getItem(SLOT) ?? 'null') as Kept | null
    return Array.isArray(found?.holders) ? found : NOBODY
  } catch {
    return NOBODY
  }
}

export function activeHolder({ holders, active }: Kept): Holder | undefined {
  return holders.find(({ id }) => id === active)
}

/** Makes a key for a person who is new to this wallet, and turns the wallet over to the person. */
export function use(person: Person): void {
  const { holders } = kept()
  if (holders.some(({ id }) => id === person.id)) {
    write({ holders, active: person.id })
    return
  }
  const key = walletKey(crypto.getRandomValues(new Uint8Array(32)))
  write({ holders: [...holders, { ...person, key, held: {} }], active: person.id })
}

/** Forgets a person, and with the person's key all that was attested to it. */
export function forget(id: string): void {
  const { holders, active } = kept()
  const others = holders.filter((holder) => holder.id !== id)
  write({ holders: others, ...(active !== undefined && active !== id && { active }) })
}

/** @param held undefined to let go of it */
export function hold(id: string, set: AttestationSet, held: Held | undefined): void {
  const state = kept()
  const holders = state.holders.map((holder) => {
    if (holder.id !== id) return holder
    const others = Object.entries(holder.held).filter(([other]) => other !== set)
    return { ...holder, held: { ...Object.fromEntries(others), ...(held && { [set]: held }) } }
  })
  write({ ...state, holders })
}

/** What is kept, and from then on whatever becomes of it, here or in another page of the wallet. */
export function useKept(): Kept {
  const [state, setState] = useState(kept)
  useEffect(() => {
    const changed = (): void => setState(kept())
    listeners.add(changed)
    addEventListener('storage', changed)
    return () => {
      listeners.delete(changed)
      removeEventListener('storage', changed)
    }
  }, [])
  return state
}

function write(state: Kept): void {
  try {
    localStorage.setItem(SLOT, JSON.stringify(state))
  } catch {
    throw new Error('This browser has no room for more: remove a person from the wallet.')
  }
  for (const changed of listeners) changed()
}
