import { randomBytes } from 'node:crypto'
import { Router } from 'express'
import type { Request, Response } from 'express'
import { MemoryStores } from 'civic-sip-server'
import type { Clock, Issued, Middleware } from 'civic-sip-server'
import type { AuthCodeOptions } from './auth-code-options.ts'
import { Chain } from './chain.ts'
import { devRoutes } from './dev-api.ts'
import { FaultInjector } from './fault.ts'
import { Mailbox } from './mailbox.ts'
import { Owners } from './owners.ts'
import { attestedOf, pagesRoutes } from './pages-routes.ts'
import { peopleRoutes } from './people-routes.ts'
import { PeopleWallets } from './people-wallets.ts'
import { People } from './people.ts'
import type { Person } from './people.ts'
import type { State } from './state.ts'
import { toLocalhost } from './to-localhost.ts'

export interface WorldOptions {
  readonly state: State
  /** The sandbox's origins: the main one first, then those of its other names. */
  readonly origins: readonly [string, ...string[]]
  /** The origin for this process. */
  readonly localUrl: string
  readonly clock: Clock
  readonly esplora: string | undefined
  readonly blockDelayMs: number | undefined
  /** Called when something in the state file has changed. */
  readonly changed: () => void
  readonly authCode: (options: AuthCodeOptions) => Promise<string>
  /** Revokes all attestations of a test user. @returns how many anchors were spent */
  readonly revoke: (person: Person) => Promise<number>
}

/** The paths at which partners exchange codes (docs/protocol.md#exchange), and where faults apply. */
const EXCHANGE = [
  '/sip/:stage/scopeRequest/authCode',
  '/sip/scopeRequest/authCode',
  '/sip//scopeRequest/authCode',
]

/** Everything around Civic's server in a sandbox: test users, their mailbox and blockchain, faults and state. */
export class World {
  readonly stores: MemoryStores
  /** Public key to private key, for the apps that the sandbox made. */
  readonly prvKeys: Map<string, string>
  readonly people: People
  /** The sandbox's SIP, under each of its names. */
  readonly trustedSips: readonly { readonly origin: string; readonly sipId: string }[]
  readonly wallets: PeopleWallets
  readonly owners: Owners
  readonly mailbox: Mailbox
  readonly chain: Chain
  readonly fault = new FaultInjector()
  /** Runs in front of the server's routes. */
  readonly before: Middleware
  readonly #state: State

  constructor(options: WorldOptions) {
    const { state, origins, localUrl, clock, esplora, blockDelayMs, changed, authCode, revoke } = options
    this.#state = state
    const { apps, issued = [], prvKeys = {} } = state
    const [url] = origins
    const sipId = state.settings?.['sipId'] ?? randomBytes(16).toString('hex')
    const settings = { ...state.settings, sipId }
    this.prvKeys = new Map(Object.entries(prvKeys))
    this.stores = new MemoryStores({ apps, anchors: issued, settings, clock, changed })
    this.people = new People(state.people, changed, state.edits)
    this.trustedSips = origins.map((origin) => ({ origin, sipId }))
    const { secret } = state
    const { trustedSips } = this
    this.wallets = new PeopleWallets({ secret, clock, trustedSips, attester: `${localUrl}/attester` })
    this.owners = new Owners(this.people, this.wallets)
    this.mailbox = new Mailbox(clock)
    this.chain = new Chain({ esplora, snapshot: state.ledger, blockDelayMs, clock, changed })
    const router = Router()
    router.use(toLocalhost(url))
    router.post(EXCHANGE, this.fault.middleware)
    const { mailbox, chain, people, wallets, owners, fault, stores } = this
    router.use(
      devRoutes(authCode),
      peopleRoutes(people),
      pagesRoutes({ mailbox, chain, people, wallets, owners, fault, stores, revoke }),
    )
    this.before = (req, res, next) => router(req as Request, res as Response, next)
  }

  /** The current attestations of a test user. */
  attestedOf(person: Person): readonly Issued[] {
    return attestedOf(person, this)
  }

  /** The state to save. */
  state(): State {
    const { version, secret, sipKeys, ledger } = this.#state
    return {
      version,
      secret,
      sipKeys,
      apps: this.stores.apps.all,
      prvKeys: Object.fromEntries(this.#used()),
      people: this.people.descriptions(),
      edits: this.people.edits(),
      settings: this.stores.settings.all,
      issued: this.stores.anchors.all,
      // The sandbox keeps its blockchain while another is used.
      ledger: this.chain.snapshot() ?? ledger,
    }
  }

  /** The private keys whose public keys are still in use. */
  #used(): [string, string][] {
    const standing = new Set(
      this.stores.apps.all.flatMap(({ credentials }) => credentials.map(({ pubKey }) => pubKey)),
    )
    return [...this.prvKeys].filter(([pubKey]) => standing.has(pubKey))
  }

  /** Ends every timer. */
  close(): void {
    this.fault.close()
    this.chain.close()
  }
}
