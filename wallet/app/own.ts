import { generateMnemonic, mnemonicToSeedSync, validateMnemonic } from '@scure/bip39'
import { wordlist } from '@scure/bip39/wordlists/english.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { isAlone, standAlone, standBack } from './alone.ts'
import type { Kept } from './identity.ts'
import { deleteRecord } from './record.ts'
import type { Record } from './record.ts'
import { current, enter, keepOwnBy, leave, setVaultState } from './store.ts'
import {
  addPasskey,
  changePassphrase,
  createVault,
  importVault,
  present,
  removePasskey,
  unlock,
  unlockByPasskey,
} from './vault.ts'
import type { OpenVault, Secret } from './vault.ts'

/** The minutes without input after which the wallet locks. */
const LOCK_MS = 5 * 60_000
const OWN = 'own'

let vault: OpenVault | undefined
let secret: Secret | undefined

/** Whether this page can store a wallet: Web Crypto needs a secure context. */
export function canKeep(): boolean {
  return isSecureContext && 'locks' in navigator
}

export function newWords(): string {
  return generateMnemonic(wordlist)
}

/** Normalises typed words. @throws Error in words for people */
export function readWords(text: string): string {
  const words = text.trim().toLowerCase().split(/\s+/).join(' ')
  if (!validateMnemonic(words, wordlist)) {
    throw new Error('These are not the words of a wallet. Check the order and the spelling.')
  }
  return words
}

/** Stores a wallet in this browser, and opens it. */
export async function createOwn(passphrase: string, words: string, areWordsKept: boolean): Promise<void> {
  await open(() => createVault(passphrase, { words, areWordsKept, kept: { activity: [] } }))
}

/** @throws WrongPassphrase */
export async function unlockOwn(passphrase: string): Promise<void> {
  await open(async () => unlock(await present(), passphrase))
}

/** @throws Error in words for people */
export async function unlockOwnByPasskey(): Promise<void> {
  await open(async () => unlockByPasskey(await present()))
}

/** @throws WrongPassphrase */
export async function importOwn(record: Record, passphrase: string): Promise<void> {
  await open(() => importVault(record, passphrase))
}

/** @throws WrongPassphrase; Error in words for people */
export async function addOwnPasskey(passphrase: string): Promise<void> {
  await open(() => addPasskey(passphrase))
}

/** @throws WrongPassphrase */
export async function removeOwnPasskey(passphrase: string): Promise<void> {
  await open(() => removePasskey(passphrase))
}

/** Changes the passphrase and locks the wallet, so that the person uses it at once. @throws WrongPassphrase */
export async function changeOwnPassphrase(before: string, after: string): Promise<void> {
  await changePassphrase(before, after)
  lock('The passphrase is changed. Unlock the wallet with the new one.')
}

/** The words, for a person who knows the passphrase. @throws WrongPassphrase */
export async function wordsFor(passphrase: string): Promise<string> {
  return (await unlock(await present(), passphrase)).secret.words
}

export async function noteWordsKept(): Promise<void> {
  await write({ areWordsKept: true })
}

/** Reopens the wallet with the changes. */
export async function reopen(change: Partial<Kept>): Promise<void> {
  const { identity } = current()
  if (!vault || !secret || identity?.kind !== 'own') throw new Error('The wallet is locked.')
  await write({ kept: { ...secret.kept, ...change } })
  show({ ...vault, secret })
}

/** Deletes everything from this browser. */
export async function deleteOwn(): Promise<void> {
  lock()
  await deleteRecord()
  setVaultState({ vault: 'none', hasPasskey: false })
}

/** @param why the reason to show, if the person did not request it */
export function lock(why = ''): void {
  vault = undefined
  secret = undefined
  standBack()
  if (current().identity?.kind === 'own') leave()
  setVaultState({ vault: 'locked', lockedWhy: why })
}

/** Locks the wallet after a time without input. @returns a function that stops that */
export function lockWhenAway(): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  let last = Date.now()
  const isOpen = (): boolean => vault !== undefined
  const away = (): void => {
    if (isOpen()) lock()
  }
  const back = (): void => {
    // Timers stop while a phone sleeps
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

/** Opens the wallet only in this tab, and leaves it locked if that fails. */
async function open(act: () => Promise<OpenVault>): Promise<void> {
  const wasOpen = vault !== undefined
  await standAlone(() => lock('Your wallet is open in another tab. Unlock it here to use it here.'))
  try {
    show(await act())
  } catch (error) {
    if (!wasOpen) standBack()
    throw error
  }
}

function show(opened: OpenVault): void {
  vault = opened
  secret = opened.secret
  const { words, areWordsKept, kept } = secret
  keepOwnBy((changed) => write({ kept: changed }))
  setVaultState({ vault: 'open', hasPasskey: opened.hasPasskey, areWordsKept, lockedWhy: '' })
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
  await vault.write(secret, isAlone)
  setVaultState({ areWordsKept: secret.areWordsKept })
}
