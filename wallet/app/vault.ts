import { derive } from './helper.ts'
import type { Kept } from './identity.ts'
import { askPasskey, createPasskey } from './passkey.ts'
import { changeRecord, haveSameKey, readRecord, writeRecord } from './record.ts'
import type { PassphraseWay, Record } from './record.ts'
import { open, random, seal } from './sealing.ts'
import type { Derivation } from './wire.ts'

/** The secret contents of a person's wallet, which are only stored sealed. */
export interface Secret {
  /** Twelve words of BIP-39. */
  readonly words: string
  /** Whether the person has proved that they have them on paper. */
  readonly areWordsKept: boolean
  readonly kept: Kept
}

export class WrongPassphrase extends Error {
  override readonly name = 'WrongPassphrase'
  constructor() {
    super('This is not the passphrase of this wallet.')
  }
}

/** An open wallet: its secret, and how to store it again. */
export interface OpenVault {
  readonly secret: Secret
  readonly hasPasskey: boolean
  /** @param mayWrite called last: whether this tab still has the wallet */
  write: (secret: Secret, mayWrite?: () => boolean) => Promise<void>
}

type Key = Uint8Array<ArrayBuffer>

const MEMORY_KIB = 64 * 1024
const PASSES = 3

/** Seals a new wallet's secret with a random key, and that key with the passphrase. */
export async function createVault(passphrase: string, secret: Secret): Promise<OpenVault> {
  const mainKey = random(32)
  const ways = [await wayOf(passphrase, mainKey)]
  askToStay()
  const record: Record = { version: 1, ways, secret: await seal(mainKey, 'secret', textOf(secret)) }
  await writeRecord(record)
  return openWith(record, mainKey, secret)
}

/** Asks the browser to keep the data. The browser may ask the person; the wallet does not wait for that. */
function askToStay(): void {
  const { storage } = navigator as Partial<Navigator>
  storage?.persist().catch(() => undefined)
}

/** @throws WrongPassphrase */
export async function unlock(record: Record, passphrase: string): Promise<OpenVault> {
  return opened(record, await mainKeyOf(record, passphrase))
}

/** @throws Error in words for people */
export async function unlockByPasskey(record: Record): Promise<OpenVault> {
  for (const way of record.ways) {
    if (way.kind !== 'passkey') continue
    const mainKey = await open(await askPasskey(way), 'key', way.key)
    if (mainKey) return opened(record, mainKey)
  }
  throw new Error('This passkey does not open the wallet. Use your passphrase.')
}

/**
 * Makes a passkey, which opens the wallet in addition to the passphrase.
 * @throws WrongPassphrase; Error in words for people
 */
export async function addPasskey(passphrase: string): Promise<OpenVault> {
  const record = await present()
  const mainKey = await mainKeyOf(record, passphrase)
  const { secret: sealer, ...passkey } = await createPasskey()
  const way = { kind: 'passkey', ...passkey, key: await seal(sealer, 'key', mainKey) } as const
  return withWays(record, mainKey, (now) => [...withoutPasskeys(now), way])
}

/** @throws WrongPassphrase */
export async function removePasskey(passphrase: string): Promise<OpenVault> {
  const record = await present()
  return withWays(record, await mainKeyOf(record, passphrase), withoutPasskeys)
}

/** Seals everything again, so that neither the old passphrase nor a passkey opens it. @throws WrongPassphrase */
export async function changePassphrase(before: string, after: string): Promise<OpenVault> {
  const { secret } = await unlock(await present(), before)
  return createVault(after, secret)
}

/** Stores an imported record after its passphrase has opened it. @throws WrongPassphrase */
export async function importVault(record: Record, passphrase: string): Promise<OpenVault> {
  const vault = await unlock(record, passphrase)
  await writeRecord(record)
  return vault
}

/** @throws Error in words for people */
export async function present(): Promise<Record> {
  const record = await readRecord()
  if (!record) throw new Error('There is no wallet in this browser.')
  return record
}

async function mainKeyOf({ ways }: Record, passphrase: string): Promise<Key> {
  for (const way of ways) {
    if (way.kind !== 'passphrase') continue
    const mainKey = await open(await derive(passphrase, way), 'key', way.key)
    if (mainKey) return mainKey
  }
  throw new WrongPassphrase()
}

async function opened(record: Record, mainKey: Key): Promise<OpenVault> {
  const plain = await open(mainKey, 'secret', record.secret)
  if (!plain)
    throw new Error('The wallet in this browser is damaged. Restore it from your file or your words.')
  return openWith(record, mainKey, JSON.parse(new TextDecoder().decode(plain)) as Secret)
}

/** Changes a record's sealed copies of the main key, and keeps everything else that was written since it was read. */
async function withWays(
  record: Record,
  mainKey: Key,
  change: (now: Record) => Record['ways'],
): Promise<OpenVault> {
  const changed = await changeRecord((now) => {
    if (!now || !haveSameKey(now, record)) throw new Error('The wallet has changed. Try again.')
    return { ...now, ways: change(now) }
  })
  return opened(changed, mainKey)
}

function withoutPasskeys({ ways }: Record): PassphraseWay[] {
  return ways.filter((way) => way.kind === 'passphrase')
}

function openWith(record: Record, mainKey: Key, secret: Secret): OpenVault {
  return {
    secret,
    hasPasskey: record.ways.some(({ kind }) => kind === 'passkey'),
    write: async (changed, mayWrite = () => true) => {
      const sealed = await seal(mainKey, 'secret', textOf(changed))
      await changeRecord((now = record) => {
        if (!mayWrite() || !haveSameKey(now, record)) return now
        return { ...now, secret: sealed }
      })
    },
  }
}

async function wayOf(passphrase: string, mainKey: Key): Promise<PassphraseWay> {
  const way: Derivation = { salt: random(16), memory: MEMORY_KIB, passes: PASSES }
  return { kind: 'passphrase', ...way, key: await seal(await derive(passphrase, way), 'key', mainKey) }
}

function textOf(secret: Secret): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(secret))
}
