import { randomUUID } from 'node:crypto'
import type { EmbeddedLedger } from 'civic-attestations'
import { MemoryStores, newApp } from 'civic-sip-server'
import type { App, AppOptions } from 'civic-sip-server'
import type { AnswerResponse } from '../../lib/direct/index.ts'
import { newKeyPair } from '../../sandbox/lib/new-keys.ts'
import { Apps } from '../../sip/lib/apps/apps.ts'
import { scopeOf } from '../../sip/lib/apps/scopes.ts'
import { TokenSigner } from '../../sip/lib/exchange/tokens.ts'
import { Granting } from '../../sip/lib/granting/granting.ts'
import { WalletRequests } from '../../sip/lib/granting/wallet-requests.ts'
import { ActivityLog } from '../../sip/lib/partners/activity.ts'
import { Requests } from '../../sip/lib/scope-requests/requests.ts'
import type { Channel, ScopeRequest } from '../../sip/lib/scope-requests/scope-request.ts'
import { authorities } from './issuer.ts'

const URL_OF_SIP = 'https://sip.example.org'

/** The parts of a SIP that trusts the tests' attester, with its stores and without HTTP. */
export class Asker {
  readonly stores: MemoryStores
  readonly log: ActivityLog
  readonly requests: Requests
  readonly app: App
  readonly #granting: Granting
  readonly #walletRequests: WalletRequests

  constructor(
    ledger: EmbeddedLedger,
    { clock = Date.now, ...options }: Partial<AppOptions> & { clock?: () => number } = {},
  ) {
    this.stores = new MemoryStores({ clock })
    this.log = new ActivityLog(clock)
    this.app = newApp({ name: 'Shop', ...options, pubKey: newKeyPair().pubKey }, clock)
    this.stores.apps.add(this.app)
    this.requests = new Requests(this.stores.requests, clock, this.log)
    const { log, requests } = this
    const tokens = new TokenSigner(newKeyPair(), clock, `${URL_OF_SIP}/sip/`)
    const sipId = (): Promise<string> => this.stores.settings.once('sipId', '0'.repeat(32))
    this.#walletRequests = new WalletRequests({ tokens, sipId, clock })
    const apps = new Apps(this.stores.apps, clock)
    this.#granting = new Granting({
      apps,
      requests,
      tokens,
      ledger,
      issuer: { authorities },
      log,
      confirm: false,
    })
  }

  async begin(scope = 'BASIC_SIGNUP', channel: Channel = 'scan'): Promise<ScopeRequest> {
    const { app } = this
    const requester = { origin: 'https://shop.example.org' }
    const wanted = { uuid: randomUUID(), stage: 'prod', scope: scopeOf(scope), requester, channel }
    const made = await this.#walletRequests.make(app, wanted, `${URL_OF_SIP}/sip/prod/scopeRequest`)
    return this.requests.create({ app, ...wanted, ...made })
  }

  answer({ uuid, callbackUrl }: ScopeRequest, jwe: unknown): Promise<AnswerResponse> {
    return this.#granting.answer(uuid, new URL(callbackUrl).pathname, jwe)
  }
}
