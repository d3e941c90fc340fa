import express, { Router } from 'express'
import type { Express } from 'express'
import { createHandler } from './handler.ts'
import type { Middleware, TrustProxy } from './handler.ts'
import type { Observer } from './observer.ts'
import { WALLET_FILES } from './page-files.ts'

/** The wallet page's `config.json`. */
export interface WalletConfig {
  /** The SIPs that may ask on behalf of others. */
  readonly trustedSips: readonly { readonly origin: string; readonly sipId?: string }[]
  /** Base URL of the attester that verifies what is missing. */
  readonly attester: string
  /** The base URL of the ledger's Esplora API. */
  readonly ledger: string
  /** The xpubs of the attester. */
  readonly authorities: readonly string[]
  /** Test users, whose wallets need no secret. With them, requesters may be on plain http. Absent: no test users. */
  readonly testUsers?: readonly object[]
}

export interface WalletSiteOptions {
  /** The wallet's host names. */
  readonly hosts: readonly string[]
  readonly config: () => WalletConfig
  /** Whether requesters and the attester may be on plain http, for development. Default: false. */
  readonly insecure?: boolean
  /** Called with a line for each request. */
  readonly log?: ((line: string) => void) | undefined
  readonly trustProxy?: TrustProxy
  readonly observer?: Observer | undefined
  readonly before?: Middleware | undefined
}

/**
 * Serves the wallet's page, static files and `config.json`, which must have a separate origin. Headers limit what the
 * page may do, but not the servers that it may call, since any site can be a requester.
 */
export function walletSite(options: WalletSiteOptions): Express {
  const { hosts, config, insecure = false, log, observer, trustProxy = false, before } = options
  const router = Router()
  router.use((_req, res, next) => {
    res.set({
      'Content-Security-Policy': policy(insecure),
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Permissions-Policy': 'camera=(self)',
      'Referrer-Policy': 'no-referrer',
      'Cache-Control': 'no-cache',
    })
    next()
  })
  if (before) router.use((req, res, next) => void before(req, res, next))
  router.get('/config.json', (_req, res) => {
    res.json(config())
  })
  router.use(express.static(WALLET_FILES, { cacheControl: false, redirect: false }))
  return createHandler({ hosts, trustProxy, log, observer, before: undefined, routes: [router] })
}

function policy(insecure: boolean): string {
  return [
    "default-src 'none'",
    // Argon2id is WebAssembly
    "script-src 'self' 'wasm-unsafe-eval'",
    "style-src 'self'",
    "img-src 'self' data: blob:",
    `connect-src 'self' https:${insecure ? ' http:' : ''}`,
    "worker-src 'self'",
    "manifest-src 'self'",
    "form-action 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    'trusted-types civic-wallet',
  ].join('; ')
}
