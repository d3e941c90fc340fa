import { sha256 } from 'js-sha256'
import { Keep } from '../lib/keep.ts'

const verifiers = new Keep('civic.verifier.')

declare global {
  interface Window {
    /** Internet Explorer 11's name for it. */
    msCrypto?: Crypto
  }
}

/**
 * A secret that binds a scope request to the browser that made it: the server gets its hash with the request, and sends
 * the token only to the holder of the secret. Seeing the QR code is not enough.
 */
export function newVerifier(): { verifier: string; challenge: string } {
  const source = (window.crypto as Crypto | undefined) ?? window.msCrypto
  if (source === undefined) throw new Error('This browser has no source of random numbers.')
  const bytes = new Uint8Array(32)
  source.getRandomValues(bytes)
  const verifier = hex(bytes)
  // Not crypto.subtle, which is missing if a phone reaches a sandbox over plain http
  return { verifier, challenge: sha256(verifier) }
}

function hex(bytes: Uint8Array): string {
  let digits = ''
  for (let i = 0; i < bytes.length; i++) digits += `0${(bytes[i] ?? 0).toString(16)}`.slice(-2)
  return digits
}

export function isVerifier(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)
}

/** Keeps the secret for one site: another that names the same uuid, and may frame this page too, does not get it. */
export function keepVerifier(site: string, uuid: string, verifier: string, lifetimeMs: number): void {
  verifiers.set(`${site} ${uuid}`, verifier, lifetimeMs)
}

export function verifierOf(site: string, uuid: string): string | undefined {
  return verifiers.get(`${site} ${uuid}`)
}

export function dropVerifier(site: string, uuid: string): void {
  verifiers.remove(`${site} ${uuid}`)
}
