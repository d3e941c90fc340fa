import { Apps } from './apps/apps.ts'
import { randomHex } from './apps/new-keys.ts'
import { attesterSide } from './attester/attester-side.ts'
import { ledgerRoutes } from './attester/ledger-routes.ts'
import { attesterRoutes } from './attester/routes.ts'
import { reviewersDesk } from './documents/routes.ts'
import { Exchange } from './exchange/exchange.ts'
import { exchangeRoutes } from './exchange/routes.ts'
import { TokenSigner } from './exchange/tokens.ts'
import { Granting } from './granting/granting.ts'
import { walletRoutes } from './granting/routes.ts'
import { WalletRequests } from './granting/wallet-requests.ts'
import { createHandler } from './http/handler.ts'
import { InputError, withoutReason } from './http/http.ts'
import { NO_LIMITS } from './http/limits.ts'
import { originAt, walletAt } from './http/safety.ts'
import { logFailure } from './operations/describe-error.ts'
import { ActivityLog } from './partners/activity.ts'
import { dashboardRoutes } from './partners/routes.ts'
import { partnersSide } from './partners/partners-side.ts'
import { OPEN } from './partners/access.ts'
import { anything } from './apps/partner-apps.ts'
import { FrameTickets } from './scope-requests/frame-tickets.ts'
import { nativeAppRoutes } from './scope-requests/native-app-routes.ts'
import { pageRoutes } from './scope-requests/pages.ts'
import { Requests } from './scope-requests/requests.ts'
import { scopeRequestRoutes } from './scope-requests/routes.ts'
import { ringOf } from './secrets/key-ring.ts'
import { MemoryStores } from './store/memory.ts'
import { unref } from './timers.ts'
import { parseOptions } from './sip-options.ts'
import type { Sip, SipOptions } from './sip-options.ts'

const SWEEP_MS = 10_000

/**
 * Composes Civic's server. It does not listen: pass `router` to a server at `url`.
 *
 * @throws InputError, a TypeError, that names a wrong option
 *
 * @example
 * ```ts
 * import { createSip } from 'civic-sip-server'
 * import express from 'express'
 *
 * const sip = createSip({ url: 'https://sip.example.org', secret, keys, ledger, mailer })
 * const app = express().use(sip.router)
 * // The partner makes the key pair, and keeps the private key
 * const { appId, appSecret } = await sip.createApp({ name: 'Shop', pubKey })
 * await sip.close()
 * ```
 */
export function createSip(options: SipOptions): Sip {
  const { keys, ledger, mailer, links = [], clock = Date.now } = options
  const { url, secret, seed } = parseOptions(options)
  const stores = options.stores ?? new MemoryStores({ clock })
  const { observer = {}, limits = NO_LIMITS } = options
  const failed = observer.failed ?? logFailure

  const log = new ActivityLog(clock, stores.activities, failed)
  const tickets = new FrameTickets(secret)
  const tokens = new TokenSigner(keys, clock, `${url}/sip/`)
  const apps = new Apps(stores.apps, clock)
  const requests = new Requests(stores.requests, clock, log, observer.moved)
  const { payloads, turns } = stores
  const { apiUrl = url } = options
  // Strangers can name any app: only its partner learns in the dashboard what is wrong with it
  const forCaller = options.partners ? withoutReason : (error: unknown) => error
  const exchange = new Exchange({
    ...{ apps, requests, payloads, tokens, log, limits, clock, url, apiUrl, forCaller },
  })
  const { texter, attester: attesting = {} } = options
  const { issuer, attester, proofs, checks, documents } = attesterSide(
    { ...attesting, ...(seed !== undefined && { seed }) },
    {
      stores,
      clock,
      secret,
      ledger,
      mailer,
      texter,
      hasReviewers: options.partners !== undefined,
      log: options.log,
    },
  )
  issuer.run()
  const { confirm = true, confirmations = 1, returnPaths = ['/'] } = options
  const granting = new Granting({ apps, requests, tokens, ledger, issuer, log, confirm, confirmations })
  const sipId = (): Promise<string> => stores.settings.once('sipId', randomHex(16))
  const walletRequests = new WalletRequests({ tokens, sipId, clock })
  const originOf = originAt(url)
  const walletOf = walletAt(options.walletUrl, url)
  const asking = { apps, requests, log, walletRequests, originOf, walletOf, returnPaths, limits, forCaller }

  const walletUrl = options.walletUrl ?? `${url}/wallet`
  const ring = ringOf(keys)
  const side =
    options.partners &&
    partnersSide(options.partners, {
      appStore: stores.apps,
      documents: stores.documents,
      ...{ apps, turns, codes: stores.codes, clock, url, walletUrl, ledger, confirm, secret, mailer, failed },
      prvKey: () => [ring.current.prvKey],
    })

  const desk = side && documents ? [reviewersDesk(documents, side)] : []
  const handler = createHandler({
    hosts: [new URL(url).hostname, ...(options.allowHosts ?? [])],
    trustProxy: options.trustProxy ?? false,
    log: options.log,
    observer,
    limits: options.limits,
    before: options.before,
    routes: [
      ...(side ? [side.login] : []),
      exchangeRoutes(exchange),
      nativeAppRoutes({ ...asking, exchange }),
      scopeRequestRoutes({
        ...asking,
        tickets,
        trustedOrigins: options.trustedOrigins ?? [],
        testWallet: options.testWallet ?? false,
      }),
      walletRoutes({ granting, walletRequests, originOf }),
      attesterRoutes({ attester, limits, issuer, network: ledger.network, url }),
      dashboardRoutes({
        apps,
        log,
        issuer,
        checks,
        ledger,
        isPrivateLedger: attesting.fund !== undefined,
        tokens,
        url,
        walletUrl,
        links,
        ownerOf: attesting.ownerOf ?? (() => undefined),
        access: side?.access ?? OPEN,
        rules: side?.rules ?? anything(apps),
        note: side?.note ?? (() => Promise.resolve()),
        open: side?.open ?? [],
        closed: [...(side?.closed ?? []), ...desk],
      }),
      ledgerRoutes(ledger),
      pageRoutes({ apps, tickets, ...(options.walletUrl !== undefined && { walletOf }) }),
    ],
  })
  const sweep = (): void => {
    for (const part of [apps, requests, exchange, proofs, attester, log, ...(side?.sweepers ?? [])])
      part.sweep().catch(failed)
  }
  const sweeper = unref(setInterval(sweep, SWEEP_MS))
  const close = async (): Promise<void> => {
    clearInterval(sweeper)
    await issuer.close()
    await log.settled()
  }
  return {
    router: handler,
    url,
    get authorities() {
      return issuer.authorities
    },
    labels: attester.labels,
    createApp: async (options) => {
      const { appId, credentials } = await apps.create(options)
      return { appId, appSecret: credentials[0].appSecret }
    },
    invite: (options) => {
      if (side) return side.invite(options)
      return Promise.reject(new InputError('partners: without this option nobody can be invited'))
    },
    revoke: (anchor) => issuer.revoke(anchor),
    revokeMatching: (label, value) => issuer.revokeMatching(label, value),
    anchoring: () => issuer.status(),
    close,
    [Symbol.asyncDispose]: close,
  }
}
