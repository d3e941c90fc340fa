/** A text that is sealed with AES-256-GCM. */
export interface Sealed {
  readonly iv: Uint8Array<ArrayBuffer>
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** Different additional data, so that neither can replace the other. */
const PURPOSES = { key: 'civic-wallet main key', secret: 'civic-wallet secret' } as const

export type Purpose = keyof typeof PURPOSES

/** @param key 32 bytes */
export async function seal(
  key: Uint8Array<ArrayBuffer>,
  purpose: Purpose,
  plain: Uint8Array<ArrayBuffer>,
): Promise<Sealed> {
  const iv = random(12)
  const bytes = await crypto.subtle.encrypt(parameters(iv, purpose), await aesKey(key), plain)
  return { iv, bytes: new Uint8Array(bytes) }
}

/** @returns undefined if it was sealed with another key or changed */
export async function open(
  key: Uint8Array<ArrayBuffer>,
  purpose: Purpose,
  { iv, bytes }: Sealed,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    return new Uint8Array(await crypto.subtle.decrypt(parameters(iv, purpose), await aesKey(key), bytes))
  } catch {
    return undefined
  }
}

export function random(bytes: number): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(bytes))
}

function parameters(iv: Uint8Array<ArrayBuffer>, purpose: Purpose): AesGcmParams {
  return { name: 'AES-GCM', iv, additionalData: new TextEncoder().encode(PURPOSES[purpose]) }
}

function aesKey(key: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', key, 'AES-GCM', false, ['encrypt', 'decrypt'])
}
