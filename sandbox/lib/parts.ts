import type { Router } from 'express'
import { ActivityLog } from 'civic-sip-server'
import { Apps } from 'civic-sip-server'
import { Attester } from 'civic-sip-server'
import { attesterRoutes } from 'civic-sip-server'
import { Chain } from './chain.ts'
import { Codes } from 'civic-sip-server'
import { dashboardRoutes } from 'civic-sip-server'
import { Exchange } from 'civic-sip-server'
import { exchangeRoutes } from 'civic-sip-server'
import type { Clock } from 'civic-sip-server'
import { FaultInjector } from './fault.ts'
import { FrameTickets } from 'civic-sip-server'
import { Granting } from 'civic-sip-server'
import { Issuer } from 'civic-sip-server'
import { ledgerRoutes } from 'civic-sip-server'
import { Mailbox } from './mailbox.ts'
import { nativeAppRoutes } from 'civic-sip-server'
import { pageRoutes } from 'civic-sip-server'
import { PeopleWallets } from './people-wallets.ts'
import { People } from './people.ts'
import { RequestStore } from 'civic-sip-server'
import { scopeRequestRoutes } from 'civic-sip-server'
import { peopleRoutes } from './people-routes.ts'
import type { State } from './state.ts'
import { testWorldRoutes } from './test-world-routes.ts'
import { TokenSigner } from 'civic-sip-server'
import { walletRoutes } from 'civic-sip-server'

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
    this.issuer = new Issuer({
      secret,
      chain: this.chain.forIssuer(),
      issued: state.issued ?? [],
      clock,
      changed,
    })
    this.#codes = new Codes(clock)
    this.wallets = new PeopleWallets(secret)
    this.attester = new Attester({
      issuer: this.issuer,
      mailer: this.#mailbox,
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
      exchangeRoutes(exchange, fault.middleware),
      nativeAppRoutes({ apps, requests, log, exchange }),
      scopeRequestRoutes({ apps, requests, log, tickets }),
      walletRoutes({ granting }),
      peopleRoutes(people),
      testWorldRoutes(mailbox, chain),
      attesterRoutes({ attester, authorities: issuer.authorities, network: chain.ledger.network, url }),
      dashboardRoutes({
        apps,
        log,
        issuer,
        ledger: chain.ledger,
        isPrivateLedger: chain.isEmbedded,
        sipPublicKey: tokens.pubKey,
        url,
      }),
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
