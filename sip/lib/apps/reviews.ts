import { HttpError, InputError } from '../http/http.ts'
import type { Changes, MakeChanges } from '../partners/changes.ts'
import { nameAt } from '../partners/person.ts'
import type { Person } from '../partners/person.ts'
import type { Clock } from '../store/expiring-map.ts'
import type { Review, ReviewStore } from '../store/partner-stores.ts'
import type { App } from './apps.ts'
import { whyNotLive } from './domains.ts'
import type { DomainsOfApps } from './domains.ts'
import { parseLogo } from './logo.ts'
import { DEFAULT_SCOPES, wireValue } from './scopes.ts'

/** A partner's request. Members that it leaves out stay as they are. */
export interface Wish {
  /** Whether the app should be live. */
  readonly live?: boolean | undefined
  readonly name?: string | undefined
  /** Empty: no logo. */
  readonly logo?: string | undefined
  /** CivicJS names or wire values of all scope requests that the app should have. */
  readonly scopes?: readonly string[] | undefined
}

type Alongside = (changes: Changes) => Promise<void>

/** What needs an operator's approval: a live app, its name and logo, and scope requests for identity. */
export class Reviews {
  readonly #domains: Pick<DomainsOfApps, 'inTurn'>
  readonly #store: ReviewStore
  readonly #change: MakeChanges
  readonly #clock: Clock

  constructor(parts: {
    domains: Pick<DomainsOfApps, 'inTurn'>
    store: ReviewStore
    change: MakeChanges
    clock: Clock
  }) {
    this.#domains = parts.domains
    this.#store = parts.store
    this.#change = parts.change
    this.#clock = parts.clock
  }

  find(appId: string): Promise<Review | undefined> {
    return this.#store.find(appId)
  }

  waiting(): Promise<readonly Review[]> {
    return this.#store.waiting()
  }

  /**
   * Requests a review. It replaces an earlier request.
   * @throws InputError if it would change nothing, or the app cannot be live
   */
  async ask(by: Person, app: App, { live, name, logo, scopes }: Wish): Promise<Review> {
    const isLive = app.environment === 'live'
    const wires = scopes ? [...new Set(scopes.map(wireValue))] : app.scopes
    const isMore = wires.some((wire) => !app.scopes.includes(wire) && !DEFAULT_SCOPES.includes(wire))
    const becomesLive = live === true && !isLive
    const hasName = name !== undefined && name !== app.name
    const hasLogo = logo !== undefined && parseLogo(logo) !== (app.logo ?? '')
    if (!becomesLive && !hasName && !hasLogo && !isMore)
      throw new InputError('live: ask for a live app, another name or logo, or further scope requests')
    if (becomesLive) checkLive(app)
    const review: Review = {
      appId: app.appId,
      partnerId: app.partnerId ?? '',
      live: isLive || becomesLive,
      // Includes the current name, which members can still change before the review
      ...((hasName || becomesLive) && { name: name ?? app.name }),
      ...((hasLogo || becomesLive) && { logo: logo ?? app.logo ?? '' }),
      scopes: wires,
      askedAt: this.#clock(),
      askedBy: nameAt(by, app.partnerId),
    }
    await this.#change(async ({ reviews, audit }) => {
      await reviews.put(review)
      await audit.noteApp(by, app, 'review.asked')
    })
    return review
  }

  withdraw(by: Person, app: App): Promise<void> {
    return this.#change(async ({ reviews, audit }) => {
      await reviews.remove(app.appId)
      await audit.noteApp(by, app, 'review.withdrawn')
    })
  }

  /**
   * Approves a partner's request.
   * @param askedAt of the review that the operator saw
   * @param alongside is stored with the decision
   * @throws HttpError 409 if the request has changed; InputError if the app can no longer be live
   */
  approve(appId: string, askedAt: number, alongside: Alongside): Promise<void> {
    const approved = async (changes: Changes): Promise<void> => {
      const { apps, reviews } = changes
      const app = await apps.get(appId)
      const review = await reviews.find(appId)
      if (review?.live === true && app.environment === 'test') checkLive(app)
      const taken = await reviews.take(appId, askedAt)
      if (!taken) throw gone()
      const { live, name, logo, scopes } = taken
      await apps.update(appId, { name, logo, scopes })
      await apps.decide(appId, { environment: live ? 'live' : app.environment })
      await alongside(changes)
    }
    // Inside a turn, so that the domains and the name stay the same until the app is live
    return this.#domains.inTurn(appId, () => this.#change(approved))
  }

  /**
   * @param alongside is stored with the decision
   * @throws HttpError 409 if the request has changed
   */
  refuse(appId: string, askedAt: number, reason: string, alongside: Alongside): Promise<void> {
    return this.#change(async (changes) => {
      if (!(await changes.reviews.refuse(appId, askedAt, reason))) throw gone()
      await alongside(changes)
    })
  }
}

function gone(): HttpError {
  return new HttpError(409, 'the partner asks for something else now, or somebody was faster: look again')
}

/** @throws InputError that says what is missing */
function checkLive({ whitelist }: App): void {
  if (whitelist.length === 0) throw new InputError('live: a live app needs an allowed domain that is proved')
  for (const entry of whitelist) {
    const problem = whyNotLive(entry)
    if (problem !== undefined) throw new InputError(`live: ${JSON.stringify(entry)} ${problem}`)
  }
}
