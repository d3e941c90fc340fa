import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Ledger } from 'civic-attestations'
import type { NewAppOptions } from './apps/apps.ts'
import type { KeyPair } from './apps/new-keys.ts'
import type { Checks } from './attester/checks.ts'
import type { AnchoringStatus } from './attester/anchoring.ts'
import type { AttesterOptions } from './attester/attester-side.ts'
import type { Mailer, Texter } from './attester/mailer.ts'
import type { Middleware, TrustProxy } from './http/handler.ts'
import { checkKnown, InputError } from './http/http.ts'
import type { Limits } from './http/limits.ts'
import type { Observer } from './http/observer.ts'
import type { Link } from './partners/routes.ts'
import type { InviteOptions, PartnersOptions } from './partners/partners-side.ts'
import type { ReturnPaths } from './scope-requests/way-back.ts'
import type { KeyRing } from './secrets/key-ring.ts'
import type { Clock } from './store/expiring-map.ts'
import type { Stores } from './store/stores.ts'

export interface SipOptions {
  /** The server's origin: `https://sip.example.org`. */
  readonly url: string
  /** The origin at which sites' servers call the API. Default: `url`. */
  readonly apiUrl?: string
  /** The wallet's URL, for links and codes. Default: `{url}/wallet`, which this server does not serve. */
  readonly walletUrl?: string
  /** 64 hex digits. The attester's keys derive from it, and the HMACs with which it finds issued attestations. */
  readonly secret: string
  /**
   * The P-256 key pair that signs SIP's tokens; the public key is `sipPublicKey` of the sites. Or a ring of them, which
   * is read for each token.
   */
  readonly keys: KeyPair | KeyRing
  /** The blockchain on which attestations are anchored and verified. */
  readonly ledger: Ledger
  /** Sends codes to email addresses. Default: no codes are sent, and no email address is attested. */
  readonly mailer?: Mailer | undefined
  /** Sends codes to phones. Default: no codes are sent to phones. */
  readonly texter?: Texter | undefined
  /** The storage. Default: in memory, until the process ends. */
  readonly stores?: Stores
  /** Options of the attester. */
  readonly attester?: AttesterOptions
  /** Milliseconds since the epoch. Default: Date.now. */
  readonly clock?: Clock
  /** Called with a line for each request, without query, header or body. Default: none. */
  readonly log?: ((line: string) => void) | undefined
  /** Gets requests, logins and failures, for metrics and logs. Default: failures go to `console.error`. */
  readonly observer?: Observer
  /** Limits for addresses, apps and wallets. Default: no limits. */
  readonly limits?: Limits
  /** Pages that the dashboard links in its navigation. Default: none. */
  readonly links?: readonly Link[]
  /** Further host names at which the server responds, besides that of `url`. Default: none. */
  readonly allowHosts?: readonly string[]
  /** The trusted proxies in front, for `X-Forwarded-Proto` and `X-Forwarded-For`. Default: false. */
  readonly trustProxy?: TrustProxy
  /** Runs before the routes and after the general checks. Default: none. */
  readonly before?: Middleware | undefined
  /** Origins that may make requests for every app, besides its allowed domains. Default: none. */
  readonly trustedOrigins?: readonly string[]
  /** Whether the wallet holds test users, so that the dialog offers it to people without a phone. Default: false. */
  readonly testWallet?: boolean
  /**
   * Whether an approval counts only after the browser sends a code: the six digits that the wallet shows, or the
   * response code from a wallet on the same device. Without it, a person who approves a link from somebody else logs
   * that sender in. An app can override it. Default: true.
   */
  readonly confirm?: boolean
  /** The confirmations that an anchor needs before its attestations count. Default: 1. */
  readonly confirmations?: number
  /** The paths of sites' pages to which wallets return, the default first. An app can override them. Default: `/`. */
  readonly returnPaths?: ReturnPaths
  /**
   * Gives partners accounts: people log in to the dashboard with their wallet, each partner sees only its apps, and
   * apps may use a domain of the internet after a proof. Default: the dashboard is open to everybody.
   */
  readonly partners?: PartnersOptions | undefined
}

export interface Sip {
  /** The attested labels, each with its set and how it is proved. */
  readonly labels: Checks
  /** Serves the API, the pages and the files. For `http.createServer`, or as an Express middleware. */
  readonly router: (req: IncomingMessage, res: ServerResponse) => void
  readonly url: string
  /** The attester's xpubs, which verifiers must trust. */
  readonly authorities: readonly string[]
  /** @throws InputError, a TypeError, that names a wrong option */
  createApp(options: NewAppOptions): Promise<{ readonly appId: string; readonly appSecret: string }>
  /**
   * Revokes an attestation by its anchor, as on the dashboard.
   * @throws HttpError 404 for an unknown anchor, 409 if it is revoked already, 503 if the ledger cannot be reached
   */
  revoke(anchor: { readonly txid: string; readonly vout: number }): Promise<void>
  /**
   * Revokes all attestations of an email address, phone number or document number, for all keys.
   * @returns how many anchors were spent
   * @throws HttpError 400 if the label names nobody; 409 if the keys of some are gone, after the others are revoked; 503
   *   if the ledger cannot be reached
   */
  revokeMatching(label: string, value: string): Promise<number>
  /**
   * Makes a link with which one wallet can join within 24 hours: as the owner of a new partner, or as an operator.
   * @throws InputError without the option `partners`; HttpError 409 if 50 such links are open
   */
  invite(options?: InviteOptions): Promise<string>
  /** The state of anchoring: the queue, the balance, and what an operator must do. */
  anchoring(): Promise<AnchoringStatus>
  /** Ends every timer, after running work is done and events are stored. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

const SIP_OPTIONS = {
  url: true,
  apiUrl: true,
  walletUrl: true,
  secret: true,
  keys: true,
  ledger: true,
  mailer: true,
  texter: true,
  stores: true,
  attester: true,
  clock: true,
  log: true,
  observer: true,
  limits: true,
  links: true,
  allowHosts: true,
  trustProxy: true,
  before: true,
  trustedOrigins: true,
  testWallet: true,
  confirm: true,
  confirmations: true,
  returnPaths: true,
  partners: true,
} satisfies Record<keyof SipOptions, true>

/** The parsed options. */
export interface ParsedOptions {
  readonly url: string
  readonly secret: string
  readonly seed: string | undefined
}

/** @throws InputError, a TypeError, that names a wrong option */
export function parseOptions(options: SipOptions): ParsedOptions {
  checkKnown(options, SIP_OPTIONS)
  return {
    url: parseOrigin(options.url),
    secret: parseSecret(options.secret),
    seed: parseSeed(options.attester?.seed),
  }
}

function parseOrigin(url: unknown): string {
  if (typeof url === 'string' && URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) {
    if (new URL(url).origin === url) return url
  }
  throw new InputError('url: an http or https origin, such as https://sip.example.org')
}

function parseSecret(secret: unknown): string {
  if (typeof secret === 'string' && /^[0-9a-f]{64}$/.test(secret)) return secret
  throw new InputError('secret: 64 hex digits')
}

function parseSeed(seed: unknown): string | undefined {
  if (seed === undefined || (typeof seed === 'string' && /^[0-9a-f]{128}$/.test(seed))) return seed
  throw new InputError('attester.seed: 128 hex digits')
}
