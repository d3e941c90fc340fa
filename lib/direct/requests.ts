import { DirectCore } from './core.ts'
import type { DirectOptions } from './direct-options.ts'
import { readDirectOptions } from './options.ts'
import { createRoutes } from './routes.ts'
import type { Handler } from './routes.ts'

/** What a strategy uses of it; kept apart, so that no log of the object shows a key. */
const cores = new WeakMap<DirectRequests, DirectCore>()

/**
 * A site's side of the Direct option: it asks people's wallets itself, with no SIP in between.
 *
 * @example
 * const direct = new DirectRequests({ origin, mount: '/civic', name, prvKey, scopeRequests, ledger, authorities, walletUrl })
 * app.use(direct.routes)
 */
export class DirectRequests {
  /**
   * Serves the well-known document and everything below `mount`; passes on what is not its own. Mount it at the root,
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

/** @throws TypeError for anything but a DirectRequests */
export function coreOf(direct: unknown): DirectCore {
  const core = direct instanceof DirectRequests ? cores.get(direct) : undefined
  if (!core) throw new TypeError('direct must be a DirectRequests')
  return core
}
