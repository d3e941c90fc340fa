import { HttpError, InputError } from '../http/http.ts'
import type { Changes, MakeChanges } from '../partners/changes.ts'
import type { Person } from '../partners/person.ts'
import type { Turns } from '../store/stores.ts'
import type { App, AppChanges, Apps, Credentials, NewAppOptions } from './apps.ts'
import type { DomainsOfApps } from './domains.ts'
import { DEFAULT_SCOPES, wireValue } from './scopes.ts'

/** Apps of one partner. */
const MAX_APPS = 100

/** What partners may do with their apps without an operator. */
export interface AppRules {
  create(by: Person, options: NewAppOptions, partnerId: string | undefined): Promise<App>
  update(by: Person, app: App, change: AppChanges): Promise<App>
  remove(by: Person, app: App): Promise<void>
  rotate(by: Person, app: App, pubKey: string): Promise<Credentials>
  revoke(by: Person, app: App, keyId: string): Promise<void>
  /** @param validFor seconds */
  revokeLater(by: Person, app: App, keyId: string, validFor: number): Promise<Credentials>
}

/** On a server without accounts, everything is allowed. */
export function anything(apps: Apps): AppRules {
  return {
    create: (_by, options) => apps.create(options),
    update: (_by, { appId }, change) => apps.update(appId, change),
    remove: (_by, { appId }) => apps.remove(appId),
    rotate: (_by, { appId }, pubKey) => apps.rotate(appId, pubKey),
    revoke: (_by, { appId }, keyId) => apps.revoke(appId, keyId),
    revokeLater: (_by, { appId }, keyId, validFor) => apps.revokeLater(appId, keyId, validFor),
  }
}

/**
 * On a server for partners: test apps at once, with the scope requests of every app; allowed domains after a proof;
 * everything else after a review. Each change is stored with its entry in the audit log.
 */
export class PartnerApps implements AppRules {
  readonly #domains: DomainsOfApps
  readonly #change: MakeChanges
  readonly #turns: Turns

  constructor(parts: { domains: DomainsOfApps; change: MakeChanges; turns: Turns }) {
    this.#domains = parts.domains
    this.#change = parts.change
    this.#turns = parts.turns
  }

  async create(by: Person, options: NewAppOptions, partnerId: string | undefined): Promise<App> {
    const { whitelist = [], environment = 'test', scopes = [], attestations, confirm, ...others } = options
    if (partnerId === undefined) throw new HttpError(403, 'only a member of a partner can make an app')
    if (environment !== 'test')
      throw new InputError('environment: a new app is a test app; ask for a review to make it live')
    if (attestations === true) throw new InputError('attestations: ask an operator of this server')
    if (confirm === false) throw new InputError('confirm: ask an operator of this server')
    this.#checkScopes(scopes, [])
    this.#domains.check(whitelist, environment)
    const asked = { ...others, environment, ...(options.scopes && { scopes }) }
    const create = async (changes: Changes): Promise<App> => {
      const { apps, audit } = changes
      const own = (await apps.list()).filter((app) => app.partnerId === partnerId)
      if (own.length >= MAX_APPS) throw new HttpError(409, `you have ${MAX_APPS} apps already: delete one`)
      const { appId } = await apps.create(asked, partnerId)
      // Needs no turn of the domains: nobody knows the app yet
      const app = await this.#domains.allow(appId, whitelist, changes)
      await audit.noteApp(by, app, 'app.created', app.name)
      return app
    }
    // One at a time, so that a partner cannot exceed the limit
    return this.#turns.take(`apps of ${partnerId}`, () => this.#change(create))
  }

  update(by: Person, { appId }: App, change: AppChanges): Promise<App> {
    const { name, whitelist, scopes, returnPaths, logo } = change
    const update = async (changes: Changes): Promise<App> => {
      const { apps, audit } = changes
      // Read again: an operator may have made it live meanwhile
      const app = await apps.get(appId)
      if (name !== undefined && name !== app.name && app.environment === 'live')
        throw new InputError('name: ask for a review to change the name of a live app')
      if (logo !== undefined && logo !== (app.logo ?? '') && app.environment === 'live')
        throw new InputError('logo: ask for a review to change the logo of a live app')
      if (scopes) this.#checkScopes(scopes, app.scopes)
      const changed = await apps.update(appId, { name, scopes, returnPaths, logo })
      await audit.noteApp(by, app, 'app.changed', Object.keys(change).join(', '))
      return whitelist ? this.#domains.allow(appId, whitelist, changes) : changed
    }
    return this.#domains.inTurn(appId, () => this.#change(update))
  }

  remove(by: Person, app: App): Promise<void> {
    const { appId, name } = app
    const remove = async ({ apps, proofs, reviews, audit }: Changes): Promise<void> => {
      await apps.remove(appId)
      await proofs.removeAll(appId)
      await reviews.remove(appId)
      await audit.noteApp(by, app, 'app.deleted', name)
    }
    // Others lock the same rows in another order
    return this.#domains.inTurn(appId, () => this.#change(remove))
  }

  rotate(by: Person, app: App, pubKey: string): Promise<Credentials> {
    return this.#change(async ({ apps, audit }) => {
      const credentials = await apps.rotate(app.appId, pubKey)
      await audit.noteApp(by, app, 'keys.made', credentials.keyId)
      return credentials
    })
  }

  revoke(by: Person, app: App, keyId: string): Promise<void> {
    return this.#change(async ({ apps, audit }) => {
      await apps.revoke(app.appId, keyId)
      await audit.noteApp(by, app, 'keys.revoked', keyId)
    })
  }

  revokeLater(by: Person, app: App, keyId: string, validFor: number): Promise<Credentials> {
    return this.#change(async ({ apps, audit }) => {
      const credentials = await apps.revokeLater(app.appId, keyId, validFor)
      await audit.noteApp(by, app, 'keys.ending', `${keyId}, after ${validFor} s`)
      return credentials
    })
  }

  #checkScopes(wanted: readonly string[], approved: readonly string[]): void {
    const more = wanted.map(wireValue).filter((wire) => !DEFAULT_SCOPES.includes(wire))
    const missing = more.find((wire) => !approved.includes(wire))
    if (missing !== undefined)
      throw new InputError(`scopes: ${missing} needs the approval of an operator; ask for a review`)
  }
}
