import { generateMnemonic, mnemonicToSeedSync, validateMnemonic } from '@scure/bip39'
import { wordlist } from '@scure/bip39/wordlists/english.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import type { Kept } from './identity.ts'
import { current, enter, keepOwnBy, leave, setVaultState } from './store.ts'
import { createVault, deleteRecord, importVault, readRecord, unlock } from './vault.ts'
import type { OpenVault, Record, Secret } from './vault.ts'

/** Minutes without the person, after which the wallet locks. */
const LOCK_MS = 5 * 60_000
const OWN = 'own'

let vault: OpenVault | undefined
let secret: Secret | undefined

/** Whether a wallet can be kept here: browsers give keys to secure contexts alone. */
export function canKeep(): boolean {
  return isSecureContext && 'storage' in navigator
}

export function newWords(): string {
  return generateMnemonic(wordlist)
}

/** The words as they were written down. @throws Error in words for people */
export function readWords(text: string): string {
  const words = text.trim().toLowerCase().split(/\s+/).join(' ')
  if (!validateMnemonic(words, wordlist)) {
    throw new Error('These are not the words of a wallet. Check the order and the spelling.')
  }
  return words
}

/** Puts a wallet into this browser, and opens it. */
export async function createOwn(passphrase: string, words: string, areWordsKept: boolean): Promise<void> {
  show(await createVault(passphrase, { words, areWordsKept, kept: { activity: [] } }))
}

/** @throws WrongPassphrase */
export async function unlockOwn(passphrase: string): Promise<void> {
  const record = await readRecord()
  if (!record) throw new Error('There is no wallet in this browser.')
  show(await unlock(record, passphrase))
}

/** @throws WrongPassphrase */
export async function importOwn(record: Record, passphrase: string): Promise<void> {
  show(await importVault(record, passphrase))
}

/** The words, for who knows the passphrase. @throws WrongPassphrase */
export async function wordsFor(passphrase: string): Promise<string> {
  const record = await readRecord()
  if (!record) throw new Error('There is no wallet in this browser.')
  return (await unlock(record, passphrase)).secret.words
}

export async function noteWordsKept(): Promise<void> {
  await write({ areWordsKept: true })
}

/** Opens the wallet anew with what is different. */
export async function reopen(change: Partial<Kept>): Promise<void> {
  const { identity } = current()
  if (!vault || !secret || identity?.kind !== 'own') throw new Error('The wallet is locked.')
  await write({ kept: { ...secret.kept, ...change } })
  show({ ...vault, secret })
}

/** Takes everything out of this browser. */
export async function deleteOwn(): Promise<void> {
  await deleteRecord()
  lock()
  setVaultState('none')
}

export function lock(): void {
  vault = undefined
  secret = undefined
  if (current().identity?.kind === 'own') leave()
  setVaultState('locked')
}

/** Locks the wallet once the person has been away for long. @returns how to stop watching */
export function lockWhenAway(): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  let last = Date.now()
  const isOpen = (): boolean => vault !== undefined
  const away = (): void => {
    if (isOpen()) lock()
  }
  const back = (): void => {
    // Timers stand still while a phone sleeps
    if (Date.now() - last >= LOCK_MS) away()
    last = Date.now()
    clearTimeout(timer)
    timer = setTimeout(away, LOCK_MS)
  }
  const events = ['pointerdown', 'keydown', 'visibilitychange'] as const
  for (const name of events) document.addEventListener(name, back)
  back()
  return () => {
    clearTimeout(timer)
    for (const name of events) document.removeEventListener(name, back)
  }
}

function show(opened: OpenVault): void {
  vault = opened
  secret = opened.secret
  const { words, areWordsKept, kept } = secret
  keepOwnBy((changed) => write({ kept: changed }))
  setVaultState('open', areWordsKept)
  enter({
    id: OWN,
    name: 'Your own wallet',
    kind: 'own',
    seed: bytesToHex(mnemonicToSeedSync(words)),
    values: kept.values ?? {},
    isEmailVerified: false,
    kept,
  })
}

async function write(change: { kept?: Kept; areWordsKept?: boolean }): Promise<void> {
  if (!vault || !secret) throw new Error('The wallet is locked.')
  secret = { ...secret, ...change }
  await vault.write(secret)
  setVaultState('open', secret.areWordsKept)
}
