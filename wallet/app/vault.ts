import { openDB } from 'idb'
import type { IDBPDatabase } from 'idb'
import { derive } from './helper.ts'
import type { Kept } from './identity.ts'
import type { Derivation } from './wire.ts'

/** What a person's wallet holds. It is written sealed alone. */
export interface Secret {
  /** Twelve words of BIP-39. */
  readonly words: string
  /** Whether the person has shown that they have them on paper. */
  readonly areWordsKept: boolean
  readonly kept: Kept
}

/** A text that only the holder of a key can read: AES-256-GCM. */
interface Sealed {
  readonly iv: Uint8Array<ArrayBuffer>
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** One way to the main key. */
interface Way extends Derivation {
  readonly kind: 'passphrase'
  readonly key: Sealed
}

/** What lies in IndexedDB, and in an exported file. */
export interface Record {
  readonly version: 1
  readonly ways: readonly Way[]
  readonly secret: Sealed
}

export class WrongPassphrase extends Error {
  override readonly name = 'WrongPassphrase'
  constructor() {
    super('This is not the passphrase of this wallet.')
  }
}

/** An open wallet: its secret, and the way to write it again. */
export interface OpenVault {
  readonly secret: Secret
  write: (secret: Secret) => Promise<void>
}

const [STORE, KEY] = ['vault', 'own']
const MEMORY_KIB = 64 * 1024
const PASSES = 3
/** So that neither can stand for the other. */
const PURPOSES = { key: 'civic-wallet main key', secret: 'civic-wallet secret' } as const

let opened: Promise<IDBPDatabase> | undefined

function database(): Promise<IDBPDatabase> {
  opened ??= openDB('civic-wallet', 1, { upgrade: (made) => void made.createObjectStore(STORE) })
  return opened
}

export async function readRecord(): Promise<Record | undefined> {
  return (await (await database()).get(STORE, KEY)) as Record | undefined
}

async function writeRecord(record: Record): Promise<void> {
  await (await database()).put(STORE, record, KEY)
}

export async function deleteRecord(): Promise<void> {
  await (await database()).delete(STORE, KEY)
}

/** Seals a new wallet's secret under a random key, and that under the passphrase. */
export async function createVault(passphrase: string, secret: Secret): Promise<OpenVault> {
  const mainKey = random(32)
  const ways = [await wayOf(passphrase, mainKey)]
  // The browser may throw away what nobody asked it to keep
  await navigator.storage.persist().catch(() => false)
  const vault = openWith(
    { version: 1, ways, secret: await seal(mainKey, 'secret', textOf(secret)) },
    mainKey,
    secret,
  )
  await vault.write(secret)
  return vault
}

/** @throws WrongPassphrase */
export async function unlock(record: Record, passphrase: string): Promise<OpenVault> {
  for (const way of record.ways) {
    const mainKey = await open(await derive(passphrase, way), 'key', way.key)
    const secret = mainKey && (await open(mainKey, 'secret', record.secret))
    if (secret) return openWith(record, mainKey, JSON.parse(new TextDecoder().decode(secret)) as Secret)
  }
  throw new WrongPassphrase()
}

/** @throws WrongPassphrase unless `before` opens the wallet */
export async function changePassphrase(before: string, after: string): Promise<OpenVault> {
  const record = await readRecord()
  if (!record) throw new Error('There is no wallet in this browser.')
  const { secret } = await unlock(record, before)
  return createVault(after, secret)
}

/** The record as a file that another device takes, as little readable as the record. */
export function asFile(record: Record): Blob {
  const text = JSON.stringify({ format: 'civic-wallet', ...record }, (_key, value: unknown) =>
    value instanceof Uint8Array ? { base64: btoa(String.fromCharCode(...value)) } : value,
  )
  return new Blob([text], { type: 'application/json' })
}

/** @throws Error in words for people if it is no such file */
export async function fromFile(file: Blob): Promise<Record> {
  try {
    const record = JSON.parse(await file.text(), (_key, value: unknown) => {
      const { base64 } = (value ?? {}) as { base64?: unknown }
      return typeof base64 === 'string'
        ? Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))
        : value
    }) as Omit<Record, 'version'> & { format?: unknown; version?: unknown }
    const { format, version, ways, secret } = record
    if (format === 'civic-wallet' && version === 1 && Array.isArray(ways)) return { version, ways, secret }
  } catch {
    // The same as any other file
  }
  throw new Error('This is not a file that a wallet exported.')
}

/** Keeps an imported record, once its passphrase has opened it. */
export async function importVault(record: Record, passphrase: string): Promise<OpenVault> {
  const vault = await unlock(record, passphrase)
  await writeRecord(record)
  return vault
}

function openWith(record: Record, mainKey: Uint8Array<ArrayBuffer>, secret: Secret): OpenVault {
  const write = async (changed: Secret): Promise<void> => {
    await writeRecord({ ...record, secret: await seal(mainKey, 'secret', textOf(changed)) })
  }
  return { secret, write }
}

async function wayOf(passphrase: string, mainKey: Uint8Array<ArrayBuffer>): Promise<Way> {
  const way: Derivation = { salt: random(16), memory: MEMORY_KIB, passes: PASSES }
  return { kind: 'passphrase', ...way, key: await seal(await derive(passphrase, way), 'key', mainKey) }
}

async function seal(
  key: Uint8Array<ArrayBuffer>,
  purpose: keyof typeof PURPOSES,
  plain: Uint8Array<ArrayBuffer>,
): Promise<Sealed> {
  const iv = random(12)
  const bytes = await crypto.subtle.encrypt(parameters(iv, purpose), await aesKey(key), plain)
  return { iv, bytes: new Uint8Array(bytes) }
}

/** @returns undefined if it was sealed by another key, or changed */
async function open(
  key: Uint8Array<ArrayBuffer>,
  purpose: keyof typeof PURPOSES,
  { iv, bytes }: Sealed,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    return new Uint8Array(await crypto.subtle.decrypt(parameters(iv, purpose), await aesKey(key), bytes))
  } catch {
    return undefined
  }
}

function parameters(iv: Uint8Array<ArrayBuffer>, purpose: keyof typeof PURPOSES): AesGcmParams {
  return { name: 'AES-GCM', iv, additionalData: new TextEncoder().encode(PURPOSES[purpose]) }
}

function aesKey(key: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', key, 'AES-GCM', false, ['encrypt', 'decrypt'])
}

function textOf(secret: Secret): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(secret))
}

function random(bytes: number): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(bytes))
}
