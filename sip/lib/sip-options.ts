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
  /** Where the server is reached, an origin: `https://sip.example.org`. */
  readonly url: string
  /** Where sites' servers call the API, if that is not at `url`. Default: `url`. */
  readonly apiUrl?: string
  /** Where people open a wallet, which its links and codes lead to. Default: `{url}/wallet`, which is not served. */
  readonly walletUrl?: string
  /** 64 hex digits, from which the attester's keys derive, and the HMACs by which it finds what it issued. */
  readonly secret: string
  /**
   * The P-256 key pair that signs SIP's tokens; the public key is `sipPublicKey` of the sites. Or a ring of them, which
   * is read anew for each token.
   */
  readonly keys: KeyPair | KeyRing
  /** The blockchain on which attestations are anchored and verified. */
  readonly ledger: Ledger
  /** Sends codes to email addresses. Default: they get none, and no email address is attested. */
  readonly mailer?: Mailer | undefined
  /** Sends codes to phones. Default: phones get none. */
  readonly texter?: Texter | undefined
  /** What is kept. Default: in memory, for as long as the process lives. */
  readonly stores?: Stores
  /** What the attester does beyond the usual. */
  readonly attester?: AttesterOptions
  /** Milliseconds since the epoch. Default: Date.now. */
  readonly clock?: Clock
  /** Gets a line for each request, with no query, header or body in it. Default: none. */
  readonly log?: ((line: string) => void) | undefined
  /** Is told of requests, logins and failures, for metrics and logs. Default: failures go to `console.error`. */
  readonly observer?: Observer
  /** How much an address, an app and a wallet may ask for. Default: as much as they like. */
  readonly limits?: Limits
  /** Pages that the dashboard links in its navigation. Default: none. */
  readonly links?: readonly Link[]
  /** Host names, besides that of `url`, at which requests are answered. Default: none. */
  readonly allowHosts?: readonly string[]
  /** The proxies in front that are believed: `X-Forwarded-Proto`, `X-Forwarded-For`. Default: false. */
  readonly trustProxy?: TrustProxy
  /** Runs in front of the routes, behind the checks that every request passes. Default: none. */
  readonly before?: Middleware | undefined
  /** Origins that may ask in the name of every app, besides those that it allows. Default: none. */
  readonly trustedOrigins?: readonly string[]
  /** Whether the wallet holds test users: then the dialog offers it to people without a phone. Default: false. */
  readonly testWallet?: boolean
  /**
   * Whether an approval counts only once the browser that asked brings a code: the six digits that the wallet shows,
   * or the one in the way back from a wallet on the same device. Without it, somebody who is sent a link and approves
   * logs its sender in. An app can say otherwise. Default: true.
   */
  readonly confirm?: boolean
  /** How many blocks must hold an anchor before what it attests counts. Default: 1. */
  readonly confirmations?: number
  /** The paths of sites' pages to which wallets lead back, the usual one first. An app can say others. Default: `/`. */
  readonly returnPaths?: ReturnPaths
  /**
   * The partners have accounts: the dashboard asks people to log in with their wallet, shows each partner its own apps,
   * and lets apps use a domain of the internet once it is proved. Default: the dashboard is open to everybody.
   */
  readonly partners?: PartnersOptions | undefined
}

export interface Sip {
  /** By label, its set and how it is proved. No other label is attested. */
  readonly labels: Checks
  /** Serves everything: the API, the pages, the files. For `http.createServer`, or as a middleware of Express. */
  readonly router: (req: IncomingMessage, res: ServerResponse) => void
  readonly url: string
  /** The xpubs of the attester, which those who verify must trust. */
  readonly authorities: readonly string[]
  /** @throws InputError, a TypeError, that names a wrong option */
  createApp(options: NewAppOptions): Promise<{ readonly appId: string; readonly appSecret: string }>
  /**
   * Revokes an attestation by its anchor, as the dashboard does.
   * @throws HttpError 404 for an unknown anchor, 409 if it is revoked already, 503 if the ledger cannot be reached
   */
  revoke(anchor: { readonly txid: string; readonly vout: number }): Promise<void>
  /**
   * Revokes whatever is attested of an email address, phone number or document number, to all keys.
   * @returns how many anchors were spent
   * @throws HttpError 400 if the label names nobody; 503 if the ledger cannot be reached
   */
  revokeMatching(label: string, value: string): Promise<number>
  /**
   * Makes a link by which one wallet joins, within 24 hours: as the owner of a new partner, or as an operator.
   * @throws InputError without the option `partners`; HttpError 409 if 50 such links are open
   */
  invite(options?: InviteOptions): Promise<string>
  /** How anchoring stands: what waits, the money, and what an operator must do. */
  anchoring(): Promise<AnchoringStatus>
  /** Ends every timer, once what is under way is done and what happened is kept. */
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

/** The options that are parsed before anything is composed. */
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
