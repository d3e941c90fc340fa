import type { RequestHandler } from 'express'
import { HttpError } from './http.ts'
import { sourceOf } from './source.ts'

/** What is limited, and what it is counted by. */
export type Limited =
  /** Every request, by address. */
  | 'request'
  /** Scope requests that are made, by address. */
  | 'ask'
  /** Scope requests that are made, by app. */
  | 'ask of app'
  /** Codes that are exchanged, by app. */
  | 'exchange'
  /** What changes something at the attester, by address. */
  | 'attest'
  /** Attestations that are asked for, by the wallet's extended key. */
  | 'attest key'
  /** What somebody may have to look at, by address. */
  | 'document'

export interface Limits {
  /** Counts one. @returns undefined if it is allowed, otherwise the milliseconds to wait */
  take(what: Limited, key: string): Promise<number | undefined>
}

export const NO_LIMITS: Limits = { take: () => Promise.resolve(undefined) }

/** @throws HttpError 429 with `Retry-After` if there were too many */
export async function checkLimit(limits: Limits, what: Limited, key: string): Promise<void> {
  const wait = await limits.take(what, key)
  if (wait === undefined) return
  const seconds = Math.max(1, Math.ceil(wait / 1000))
  throw new HttpError(429, `too many requests: try again in ${seconds} s`, { 'Retry-After': String(seconds) })
}

/** Counts requests by their address; only those with one of `methods`, if given. */
export function limitByAddress(limits: Limits, what: Limited, methods?: readonly string[]): RequestHandler {
  return async (req, _res, next) => {
    if (methods === undefined || methods.includes(req.method))
      await checkLimit(limits, what, sourceOf(req) ?? '')
    next()
  }
}
