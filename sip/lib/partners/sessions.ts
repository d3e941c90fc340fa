import { randomBytes } from 'node:crypto'
import type { Request, Response } from 'express'
import { sha256 } from '../sha256.ts'
import type { Clock } from '../store/expiring-map.ts'
import type { Act, Session, SessionStore } from '../store/partner-stores.ts'
import { randomHex } from '../apps/new-keys.ts'

const LIFETIME_MS = 12 * 60 * 60_000
/** How long an approved act is allowed. */
const APPROVED_MS = 5 * 60_000
const BATCH = 500
/** 32 random bytes as base64url. */
const VALUE = /^[\w-]{43}$/

/** The dashboard's sessions. The cookie is a secret; only its hash is stored. */
export class Sessions {
  readonly #store: SessionStore
  readonly #clock: Clock
  readonly #cookie: string

  /** @param url the server's origin */
  constructor(store: SessionStore, clock: Clock, url: string) {
    this.#store = store
    this.#clock = clock
    const { protocol, port } = new URL(url)
    // Other hosts of the domain cannot set a cookie with this prefix. Over http, all ports of a host share cookies
    this.#cookie = protocol === 'https:' ? '__Host-civic-partners' : `civic-partners-${port || '80'}`
  }

  async find(req: Request): Promise<Session | undefined> {
    const id = this.#idOf(req)
    return id === undefined ? undefined : this.#store.find(id, this.#clock())
  }

  /** Starts a session, which replaces the browser's current one. @returns the session's secret, for `keep` */
  async begin(req: Request, userId: string): Promise<string> {
    await this.#remove(req)
    const value = randomBytes(32).toString('base64url')
    const createdAt = this.#clock()
    const expiresAt = createdAt + LIFETIME_MS
    await this.#store.insert({ id: idOf(value), userId, createdAt, expiresAt })
    return value
  }

  /** Has the browser keep a session that is stored. */
  keep(res: Response, value: string): void {
    this.#setCookie(res, `${value}; Max-Age=${LIFETIME_MS / 1000}`)
  }

  async end(req: Request, res: Response): Promise<void> {
    await this.#remove(req)
    this.#setCookie(res, '; Max-Age=0')
  }

  /** Makes the session wait for a wallet to approve this act. */
  async ask({ id }: Session, { what, description }: Pick<Act, 'what' | 'description'>): Promise<void> {
    await this.#store.ask(id, { id: randomHex(16), what, description })
  }

  /** Records the request that shows the act to a wallet. */
  async show({ id }: Session, act: Act, request: string): Promise<void> {
    await this.#store.show(id, act.id, request)
  }

  /** @returns false if the request showed another act, or another person approved it */
  approve({ id }: Session, userId: string, request: string): Promise<boolean> {
    return this.#store.approve(id, userId, request, this.#clock())
  }

  /** Whether a wallet approved this act, within the last five minutes. */
  isApproved({ approved, approvedAt = 0 }: Session, what: string): boolean {
    return approved === what && this.#clock() - approvedAt <= APPROVED_MS
  }

  sweep(): Promise<void> {
    return this.#store.sweep(this.#clock(), BATCH)
  }

  async #remove(req: Request): Promise<void> {
    const id = this.#idOf(req)
    if (id !== undefined) await this.#store.remove(id)
  }

  #idOf(req: Request): string | undefined {
    const prefix = `${this.#cookie}=`
    const pairs = (req.headers.cookie ?? '').split(';').map((pair) => pair.trim())
    const value = pairs.find((pair) => pair.startsWith(prefix))?.slice(prefix.length)
    return value !== undefined && VALUE.test(value) ? idOf(value) : undefined
  }

  #setCookie(res: Response, value: string): void {
    const secure = this.#cookie.startsWith('__Host-') ? '; Secure' : ''
    res.append('Set-Cookie', `${this.#cookie}=${value}; Path=/; HttpOnly${secure}; SameSite=Strict`)
  }
}

function idOf(value: string): string {
  return sha256(value).toString('hex')
}
