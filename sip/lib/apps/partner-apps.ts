import { HttpError, InputError } from '../http/http.ts'
import type { MakeChanges } from '../partners/changes.ts'
import type { Turns } from '../store/stores.ts'
import type { App, AppChanges, Apps, NewAppOptions } from './apps.ts'
import type { DomainsOfApps } from './domains.ts'
import { DEFAULT_SCOPES, wireValue } from './scopes.ts'

/** Apps of one partner. */
const MAX_APPS = 100

/** What partners may do with their apps without an operator. */
export interface AppRules {
  create(options: NewAppOptions, partnerId: string | undefined): Promise<App>
  update(app: App, change: AppChanges): Promise<App>
  remove(appId: string): Promise<void>
}

/** On a server without accounts, everything is allowed. */
export function anything(apps: Apps): AppRules {
  return {
    create: (options) => apps.create(options),
    update: ({ appId }, change) => apps.update(appId, change),
    remove: (appId) => apps.remove(appId),
  }
}

/**
 * On a server for partners: test apps at once, with the scope requests of every app; allowed domains after a proof;
 * everything else after a review.
 */
export class PartnerApps implements AppRules {
  readonly #apps: Apps
  readonly #domains: DomainsOfApps
  readonly #change: MakeChanges
  readonly #turns: Turns

  constructor(parts: { apps: Apps; domains: DomainsOfApps; change: MakeChanges; turns: Turns }) {
    this.#apps = parts.apps
    this.#domains = parts.domains
    this.#change = parts.change
    this.#turns = parts.turns
  }

  async create(options: NewAppOptions, partnerId: string | undefined): Promise<App> {
    const { whitelist = [], environment = 'test', scopes = [], attestations, confirm, ...others } = options
    if (partnerId === undefined) throw new HttpError(403, 'only a member of a partner can make an app')
    if (environment !== 'test')
      throw new InputError('environment: a new app is a test app; ask for a review to make it live')
    if (attestations === true) throw new InputError('attestations: ask an operator of this server')
    if (confirm === false) throw new InputError('confirm: ask an operator of this server')
    this.#checkScopes(scopes, [])
    this.#domains.check(whitelist, environment)
    const asked = { ...others, environment, ...(options.scopes && { scopes }) }
    // One at a time, so that a partner cannot exceed the limit
    const { appId } = await this.#turns.take(`apps of ${partnerId}`, async () => {
      const own = (await this.#apps.list()).filter((app) => app.partnerId === partnerId)
      if (own.length >= MAX_APPS) throw new HttpError(409, `you have ${MAX_APPS} apps already: delete one`)
      return this.#apps.create(asked, partnerId)
    })
    // This takes a turn of the domains, so it must not run inside another turn
    return this.#domains.allow(appId, whitelist)
  }

  async update({ appId }: App, { name, whitelist, scopes, returnPaths, logo }: AppChanges): Promise<App> {
    const changed = await this.#domains.inTurn(appId, async () => {
      // Read again: an operator may have made it live meanwhile
      const app = await this.#apps.get(appId)
      if (name !== undefined && name !== app.name && app.environment === 'live')
        throw new InputError('name: ask for a review to change the name of a live app')
      if (logo !== undefined && logo !== (app.logo ?? '') && app.environment === 'live')
        throw new InputError('logo: ask for a review to change the logo of a live app')
      if (scopes) this.#checkScopes(scopes, app.scopes)
      return this.#apps.update(appId, { name, scopes, returnPaths, logo })
    })
    return whitelist ? this.#domains.allow(appId, whitelist) : changed
  }

  remove(appId: string): Promise<void> {
    return this.#change(async ({ apps, proofs, reviews }) => {
      await apps.remove(appId)
      await proofs.removeAll(appId)
      await reviews.remove(appId)
    })
  }

  #checkScopes(wanted: readonly string[], approved: readonly string[]): void {
    const more = wanted.map(wireValue).filter((wire) => !DEFAULT_SCOPES.includes(wire))
    const missing = more.find((wire) => !approved.includes(wire))
    if (missing !== undefined)
      throw new InputError(`scopes: ${missing} needs the approval of an operator; ask for a review`)
  }
}
