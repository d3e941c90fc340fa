import { DirectCore } from './core.ts'
import type { DirectOptions } from './direct-options.ts'
import { readDirectOptions } from './options.ts'
import { createRoutes } from './routes.ts'
import type { Handler } from './routes.ts'

/** The core that a strategy uses. Kept outside the object, so that logging the object shows no key. */
const cores = new WeakMap<DirectRequests, DirectCore>()

/**
 * A site's side of the Direct option: the site asks people's wallets itself, without a SIP.
 *
 * @example
 * const direct = new DirectRequests({ origin, mount: '/civic', name, prvKey, scopeRequests, ledger, authorities,
 * walletUrl }) app.use(direct.routes)
 */
export class DirectRequests {
  /**
   * Serves the well-known document and everything below `mount`, and passes other requests on. Mount it at the root,
   * before the app's body parsers: a response can have 2 MiB.
   */
  readonly routes: Handler

  /** @throws TypeError naming the option that is wrong */
  constructor(options: DirectOptions) {
    const core = new DirectCore(readDirectOptions(options))
    cores.set(this, core)
    this.routes = createRoutes(core)
  }
}

/** @throws TypeError unless it is a DirectRequests */
export function coreOf(direct: unknown): DirectCore {
  const core = direct instanceof DirectRequests ? cores.get(direct) : undefined
  if (!core) throw new TypeError('direct must be a DirectRequests')
  return core
}
