import type { Router } from 'express'
import { ActivityLog } from './activity.ts'
import { Apps } from './apps.ts'
import { Attester } from './attester.ts'
import { attesterRoutes } from './attester-api.ts'
import { Chain } from './chain.ts'
import { Codes } from './codes.ts'
import { dashboardRoutes } from './dashboard-api.ts'
import { Exchange } from './exchange.ts'
import { exchangeRoutes } from './exchange-api.ts'
import type { Clock } from './expiring-map.ts'
import { FaultInjector } from './fault.ts'
import { FrameTickets } from './frame-tickets.ts'
import { Granting } from './granting.ts'
import { Issuer } from './issuer.ts'
import { ledgerRoutes } from './ledger-api.ts'
import { Mailbox } from './mailbox.ts'
import { nativeAppRoutes } from './native-app-api.ts'
import { pageRoutes } from './pages.ts'
import { PeopleWallets } from './people-wallets.ts'
import { People } from './people.ts'
import { RequestStore } from './request-store.ts'
import { scopeRequestRoutes } from './scope-request-api.ts'
import type { State } from './state.ts'
import { TokenSigner } from './tokens.ts'
import { walletRoutes } from './wallet-api.ts'

export interface PartsOptions {
  readonly state: State
  readonly clock: Clock
  readonly esplora: string | undefined
  readonly blockDelayMs: number | undefined
  /** The sandbox's URL, known once it listens. */
  readonly url: () => string
  /** Called when something changed that the state file holds. */
  readonly changed: () => void
}

/** What a sandbox is made of, put together. */
export class Parts {
  readonly apps: Apps
  readonly people: People
  readonly tokens: TokenSigner
  readonly requests: RequestStore
  readonly exchange: Exchange
  readonly fault = new FaultInjector()
  readonly chain: Chain
  readonly issuer: Issuer
  readonly attester: Attester
  readonly granting: Granting
  readonly wallets: PeopleWallets
  readonly #log: ActivityLog
  readonly #mailbox: Mailbox
  readonly #codes: Codes
  readonly #tickets = new FrameTickets()
  readonly #url: () => string

  constructor({ state, clock, esplora, blockDelayMs, url, changed }: PartsOptions) {
    const { secret } = state
    this.#url = url
    this.#log = new ActivityLog(clock)
    this.#mailbox = new Mailbox(clock)
    this.apps = new Apps(state.apps, clock, changed)
    this.people = new People(state.people, changed)
    this.tokens = new TokenSigner(state.sipKeys, clock, () => `${url()}/sip/`)
    this.requests = new RequestStore(clock, this.#log)
    this.chain = new Chain({ esplora, snapshot: state.ledger, blockDelayMs, clock, changed })
    this.issuer = new Issuer({ secret, chain: this.chain, issued: state.issued ?? [], clock, changed })
    this.#codes = new Codes(clock)
    this.wallets = new PeopleWallets(secret)
    this.attester = new Attester({
      issuer: this.issuer,
      mailbox: this.#mailbox,
      codes: this.#codes,
      clock,
      isTestUser: (publicKey, claims) => this.wallets.isOwn(publicKey, claims),
    })
    const { apps, requests, tokens } = this
    this.exchange = new Exchange({ apps, requests, tokens, log: this.#log, clock, url })
    const { ledger } = this.chain
    this.granting = new Granting({
      apps,
      requests,
      tokens,
      ledger,
      authorities: this.issuer.authorities,
      secret,
    })
  }

  routes(): Router[] {
    const { apps, people, tokens, requests, exchange, fault, chain, issuer, attester, granting } = this
    const [log, mailbox, url, tickets] = [this.#log, this.#mailbox, this.#url, this.#tickets]
    return [
      exchangeRoutes(exchange, fault),
      nativeAppRoutes({ apps, requests, log, exchange }),
      scopeRequestRoutes({ apps, requests, log, tickets }),
      walletRoutes({ granting, people }),
      attesterRoutes({ attester, authorities: issuer.authorities, network: chain.ledger.network, url }),
      dashboardRoutes({ apps, log, issuer, mailbox, chain, sipPublicKey: tokens.pubKey, url }),
      ledgerRoutes(chain.ledger),
      pageRoutes(apps, tickets),
    ]
  }

  /** Drops what is past its time. */
  sweep(): void {
    this.requests.sweep()
    this.exchange.sweep()
    this.#codes.sweep()
    this.attester.sweep()
  }

  /** Ends every timer. */
  close(): void {
    this.fault.close()
    this.granting.close()
    this.chain.close()
  }
}
