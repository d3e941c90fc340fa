import { openDB } from 'idb'
import type { IDBPDatabase } from 'idb'
import * as v from 'valibot'
import type { Sealed } from './sealing.ts'
import type { Derivation } from './wire.ts'

/** The main key, sealed by a key from a passphrase. */
export interface PassphraseWay extends Derivation {
  readonly kind: 'passphrase'
  readonly key: Sealed
}

/** The main key, sealed by a passkey's secret. */
export interface PasskeyWay {
  readonly kind: 'passkey'
  readonly credentialId: Uint8Array<ArrayBuffer>
  readonly salt: Uint8Array<ArrayBuffer>
  readonly key: Sealed
}

/** The contents of IndexedDB and of an exported file. */
export interface Record {
  readonly version: 1
  /** The sealed copies of the main key, including one for the passphrase. */
  readonly ways: readonly (PassphraseWay | PasskeyWay)[]
  readonly secret: Sealed
}

const [STORE, KEY] = ['vault', 'own']

let opened: Promise<IDBPDatabase> | undefined

function database(): Promise<IDBPDatabase> {
  const forget = (): void => {
    opened = undefined
  }
  opened ??= openDB('civic-wallet', 1, {
    upgrade: (made) => void made.createObjectStore(STORE),
    // The browser or the person may delete the data while the wallet is open
    blocking: (_current, _blocked, event) => {
      forget()
      ;(event.target as IDBDatabase).close()
    },
    terminated: forget,
  })
  return opened
}

export async function readRecord(): Promise<Record | undefined> {
  return (await (await database()).get(STORE, KEY)) as Record | undefined
}

export async function writeRecord(record: Record): Promise<void> {
  await (await database()).put(STORE, record, KEY)
}

/**
 * Changes the record in one transaction, so that no other change is lost.
 *
 * @param change must be synchronous. If it throws, the record stays unchanged
 * @returns the changed record
 */
export async function changeRecord(change: (record: Record | undefined) => Record): Promise<Record> {
  const transaction = (await database()).transaction(STORE, 'readwrite')
  const changed = change((await transaction.store.get(KEY)) as Record | undefined)
  await transaction.store.put(changed, KEY)
  await transaction.done
  return changed
}

/** Whether both records have the same main key: a new main key always has a new copy for the passphrase. */
export function haveSameKey(one: Record, other: Record): boolean {
  return saltOf(one) === saltOf(other)
}

function saltOf({ ways }: Record): string | undefined {
  return ways.find(({ kind }) => kind === 'passphrase')?.salt.join()
}

export async function deleteRecord(): Promise<void> {
  await (await database()).delete(STORE, KEY)
}

/** The record as a file for another device, sealed like the record. Passkeys are left out. */
export function asFile({ ways, ...record }: Record): Blob {
  const file = {
    format: 'civic-wallet',
    ...record,
    ways: ways.filter(({ kind }) => kind === 'passphrase'),
  }
  const text = JSON.stringify(file, (_key, value: unknown) =>
    value instanceof Uint8Array ? { base64: base64Of(value) } : value,
  )
  return new Blob([text], { type: 'application/json' })
}

function bytesSchema(least: number, most: number) {
  return v.custom<Uint8Array<ArrayBuffer>>(
    (value) => value instanceof Uint8Array && value.length >= least && value.length <= most,
  )
}

function sealedSchema(most: number) {
  return v.object({ iv: bytesSchema(12, 12), bytes: bytesSchema(16, most) })
}

/** A file may be anybody's: unlocking it must not take more memory or time than this wallet ever asks for. */
const File = v.object({
  format: v.literal('civic-wallet'),
  version: v.literal(1),
  ways: v.pipe(
    v.array(
      v.object({
        kind: v.literal('passphrase'),
        salt: bytesSchema(16, 64),
        memory: v.pipe(v.number(), v.integer(), v.minValue(8 * 1024), v.maxValue(256 * 1024)),
        passes: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(10)),
        key: sealedSchema(64),
      }),
    ),
    v.length(1),
  ),
  secret: sealedSchema(64 * 1024 * 1024),
})

/** @throws Error in words for people if it is not such a file */
export async function fromFile(file: Blob): Promise<Record> {
  try {
    const { version, ways, secret } = v.parse(File, JSON.parse(await file.text(), bytesOf))
    return { version, ways, secret }
  } catch {
    throw new Error('This is not a file that a wallet exported.')
  }
}

function bytesOf(_key: string, value: unknown): unknown {
  const { base64 } = (value ?? {}) as { base64?: unknown }
  return typeof base64 === 'string' ? Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)) : value
}

/** In parts, because a document's picture has more bytes than a call may have arguments. */
function base64Of(bytes: Uint8Array): string {
  let letters = ''
  for (let at = 0; at < bytes.length; at += 8192) {
    letters += String.fromCharCode(...bytes.subarray(at, at + 8192))
  }
  return btoa(letters)
}
