const STORE = 'keys'
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' }

/** A reviewer's key pair in this browser. No page can read the private key, not even ours. */
export interface ReviewerKey {
  /** 130 hex digits of uncompressed point. */
  readonly pubKey: string
  /** ECDSA with SHA-256, r ‖ s as hex. */
  readonly sign: (text: string) => Promise<string>
}

/** @returns undefined if this person has no key in this browser */
export async function findReviewerKey(userId: string): Promise<ReviewerKey | undefined> {
  const pair = await inStore<CryptoKeyPair | undefined>('readonly', (keys) => keys.get(userId))
  return pair && keyOf(pair)
}

/**
 * Makes this person's key in this browser, unless there is one.
 * @throws Error over plain http, where browsers have no Web Crypto
 */
export async function makeReviewerKey(userId: string): Promise<ReviewerKey> {
  if (!window.isSecureContext) throw new Error('A key can only be made on an https page.')
  const made = await crypto.subtle.generateKey(ALGORITHM, false, ['sign', 'verify'])
  // Browsers may delete stored data, unless they are asked not to
  await navigator.storage.persist()
  // Another tab may have stored its key first. Then that key stays
  await inStore('readwrite', (keys) => keys.add(made, userId)).catch(() => undefined)
  const kept = await findReviewerKey(userId)
  if (!kept) throw new Error('This browser keeps no keys. Is it in private mode?')
  return kept
}

async function keyOf({ privateKey, publicKey }: CryptoKeyPair): Promise<ReviewerKey> {
  return {
    pubKey: hex(await crypto.subtle.exportKey('raw', publicKey)),
    sign: async (text) =>
      hex(
        await crypto.subtle.sign(
          { name: 'ECDSA', hash: 'SHA-256' },
          privateKey,
          new TextEncoder().encode(text),
        ),
      ),
  }
}

async function inStore<T>(mode: IDBTransactionMode, act: (keys: IDBObjectStore) => IDBRequest): Promise<T> {
  const opening = indexedDB.open('civic-reviewer', 1)
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE)
  const database = await done<IDBDatabase>(opening)
  try {
    return await done<T>(act(database.transaction(STORE, mode).objectStore(STORE)))
  } finally {
    database.close()
  }
}

function done<T>(request: IDBRequest): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result as T)
    request.onerror = () => reject(request.error ?? new Error('This browser keeps no keys.'))
  })
}

function hex(bytes: ArrayBuffer): string {
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
