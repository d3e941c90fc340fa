import { WalletError } from '../lib/index.ts'
import type { Approved, WalletRequest } from '../lib/index.ts'

/** How a request ended. */
export type End =
  | ({ readonly kind: 'approved'; readonly request: WalletRequest } & Approved)
  | { readonly kind: 'declined'; readonly request: WalletRequest }
  /** An attester works on what is missing, for longer than the request lives. */
  | { readonly kind: 'later'; readonly text: string }
  | { readonly kind: 'expired'; readonly request?: WalletRequest }
  | { readonly kind: 'elsewhere' }
  | { readonly kind: 'refused' | 'failed'; readonly reason: string }

/** The outcome of a request that could not be read or responded to. */
export function endOf(error: unknown, request?: WalletRequest): End {
  if (!(error instanceof WalletError)) return { kind: 'failed', reason: (error as Error).message }
  const { code, status, message } = error
  if (status === 404 || status === 410 || /has expired/.test(message)) {
    return { kind: 'expired', ...(request && { request }) }
  }
  if (status === 409 || code === 'ALREADY_ANSWERED') return { kind: 'elsewhere' }
  if (code === 'UNREACHABLE') return { kind: 'failed', reason: 'The site does not respond. Try again.' }
  if (status === 422) return { kind: 'refused', reason: 'The site could not verify your details.' }
  if (code === 'SIP_UNTRUSTED') {
    return {
      kind: 'refused',
      reason: 'It asks on behalf of another site, and this wallet does not know who it is.',
    }
  }
  return { kind: 'refused', reason: `${message}.` }
}
