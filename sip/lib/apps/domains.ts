import { HttpError, InputError } from '../http/http.ts'
import type { Changes, MakeChanges } from '../partners/changes.ts'
import type { Person } from '../partners/person.ts'
import type { Clock } from '../store/expiring-map.ts'
import type { DomainProof, ProofStore } from '../store/partner-stores.ts'
import type { CodeStore, Turns } from '../store/stores.ts'
import { hostOf, parseWhitelist } from './allowed-domains.ts'
import type { App } from './apps.ts'
import { isProved } from './domain-proof.ts'
import type { Network } from './domain-proof.ts'
import type { Environment } from './expected.ts'
import { randomHex } from './new-keys.ts'
import { isPrivateHost } from './public-address.ts'

const WEEK_MS = 7 * 24 * 60 * 60_000
/** How often a missing proof is checked again. After a week without it, the domain no longer counts. */
const AGAIN_MS = 24 * 60 * 60_000
/** Another process checks after this time, if the first one ends meanwhile. */
const CLAIM_MS = 10 * 60_000
const AT_ONCE = 5
const MAX_HOSTS = 50
/** The most checks that an app's members may request, because they choose the hosts. */
const LOOKS = { limit: 60, lifetime: 60 * 60_000 }
const MAX_ENTRIES = 100

/** Called for what no person did, and stored with it: a domain no longer counts. */
export type Lost = (app: App, host: string, changes: Changes) => Promise<void>

/** The apps' allowed domains. A domain of the internet counts after its partner proves that it controls it. */
export class DomainsOfApps {
  readonly #proofs: ProofStore
  readonly #change: MakeChanges
  readonly #turns: Turns
  readonly #counters: Pick<CodeStore, 'count'>
  readonly #clock: Clock
  readonly #network: Network | undefined
  readonly #lost: Lost

  constructor(parts: {
    proofs: ProofStore
    change: MakeChanges
    turns: Turns
    counters: Pick<CodeStore, 'count'>
    clock: Clock
    network: Network | undefined
    lost: Lost
  }) {
    this.#proofs = parts.proofs
    this.#change = parts.change
    this.#turns = parts.turns
    this.#counters = parts.counters
    this.#clock = parts.clock
    this.#network = parts.network
    this.#lost = parts.lost
  }

  /** @throws InputError that names a wrong entry */
  check(whitelist: unknown, environment: Environment): readonly string[] {
    const entries = parseWhitelist(whitelist)
    if (entries.length > MAX_ENTRIES) throw new InputError(`whitelist: at most ${MAX_ENTRIES} entries`)
    for (const entry of environment === 'live' ? entries : []) {
      const problem = whyNotLive(entry)
      if (problem !== undefined) throw new InputError(`whitelist: ${JSON.stringify(entry)} ${problem}`)
    }
    return entries
  }

  /**
   * Sets the allowed domains, with other changes of an app whose turn it is. Entries that need a proof wait for it.
   * @throws InputError that names a wrong entry; HttpError 409 if there are too many hosts or entries
   */
  async allow(appId: string, whitelist: readonly string[], { apps, proofs }: Changes): Promise<App> {
    const app = await apps.get(appId)
    const entries = this.check(whitelist, app.environment)
    const waiting = (await proofs.list(appId)).flatMap((proof) => proof.waiting)
    if (new Set([...entries, ...waiting]).size > MAX_ENTRIES)
      throw new HttpError(409, `${MAX_ENTRIES} entries are allowed or wait for a proof: take a domain out`)
    const allowed: string[] = []
    for (const entry of entries) {
      const host = hostOf(entry)
      const isKnown = app.whitelist.includes(entry) || isPrivateHost(host)
      const proof = isKnown ? undefined : await proofs.find(appId, host)
      if (isKnown || proof?.provedAt !== undefined) allowed.push(entry)
      else {
        const waits = { appId, host, value: randomHex(16), waiting: [entry] }
        if (!(await proofs.wait(waits, MAX_HOSTS)))
          throw new HttpError(409, `the app has ${MAX_HOSTS} domains already: remove one`)
      }
    }
    return apps.update(appId, { whitelist: allowed })
  }

  proofs(appId: string): Promise<readonly DomainProof[]> {
    return this.#proofs.list(appId)
  }

  /**
   * Checks a host now. If the value is found, the waiting entries are allowed.
   * @returns whether the value was found
   * @throws HttpError 404 if the app has no such host; 429 after 60 checks in an hour
   */
  async look(by: Person, { appId }: App, host: string): Promise<boolean> {
    const proof = await this.#proofs.find(appId, host)
    if (!proof) throw new HttpError(404, 'the app has no such domain')
    const counter = { name: `domains of ${appId}`, limit: LOOKS.limit }
    const wait = await this.#counters.count([counter], LOOKS.lifetime)
    if (wait !== undefined) {
      const seconds = String(Math.ceil(wait / 1000))
      throw new HttpError(429, 'too many checks: try again later', { 'Retry-After': seconds })
    }
    const isFound = await isProved(host, proof.value, this.#network)
    await this.#found(proof, isFound, by)
    return isFound
  }

  /** Removes a host with all its entries, waiting or allowed. */
  drop(by: Person, { appId }: App, host: string): Promise<void> {
    const removed = async ({ apps, proofs, audit }: Changes): Promise<void> => {
      await proofs.remove(appId, host)
      const app = await apps.get(appId)
      await apps.update(appId, { whitelist: app.whitelist.filter((entry) => hostOf(entry) !== host) })
      await audit.noteApp(by, app, 'domain.removed', host.slice(0, 255))
    }
    return this.inTurn(appId, () => this.#change(removed))
  }

  /** Checks the proofs of a week ago again. */
  async sweep(): Promise<void> {
    const now = this.#clock()
    const due = await this.#proofs.due(now, now + CLAIM_MS, AT_ONCE)
    await Promise.all(
      due.map(async (proof) => {
        await this.#found(proof, await isProved(proof.host, proof.value, this.#network))
      }),
    )
  }

  /** Records the result of a check. @param by the member who asked for it */
  #found({ appId, host }: DomainProof, isFound: boolean, by?: Person): Promise<void> {
    const record = async (changes: Changes): Promise<void> => {
      const { apps, proofs, audit } = changes
      const [app, proof] = [await apps.find(appId), await proofs.find(appId, host)]
      if (!app || !proof) return
      const now = this.#clock()
      if (isFound) {
        await apps.update(appId, { whitelist: [...app.whitelist, ...proof.waiting] })
        const provedAt = proof.provedAt ?? now
        await proofs.update(appId, host, { waiting: [], provedAt, nextCheckAt: now + WEEK_MS })
        if (by) await audit.noteApp(by, app, 'domain.proved', host)
        return
      }
      if (proof.provedAt === undefined) return
      const lostAt = proof.lostAt ?? now
      if (now - lostAt < WEEK_MS) {
        await proofs.update(appId, host, { ...proof, lostAt, nextCheckAt: now + AGAIN_MS })
        return
      }
      const lost = app.whitelist.filter((entry) => hostOf(entry) === host)
      await apps.update(appId, { whitelist: app.whitelist.filter((entry) => !lost.includes(entry)) })
      await proofs.update(appId, host, { waiting: [...proof.waiting, ...lost] })
      await this.#lost(app, host, changes)
    }
    return this.inTurn(appId, () => this.#change(record))
  }

  /** Makes changes to an app's domains one at a time, in all processes. */
  inTurn<T>(appId: string, act: () => Promise<T>): Promise<T> {
    return this.#turns.take(`domains of ${appId}`, act)
  }
}

/** Why a live app may not use this entry; undefined if it may. */
export function whyNotLive(entry: string): string | undefined {
  if (entry.startsWith('http:')) return 'is plain http: a live app is on https'
  const isWeb = !entry.includes('://') || entry.startsWith('https:')
  if (isWeb && isPrivateHost(hostOf(entry))) return 'is on a private network: a live app is on the internet'
  return undefined
}
