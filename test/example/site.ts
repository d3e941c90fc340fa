import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { createSandbox } from 'civic-sip-sandbox'
import type { AuthCodeOptions, Sandbox } from 'civic-sip-sandbox'
import request from 'supertest'
import type { Test } from 'supertest'
import type { Account } from '../../example/src/accounts.ts'
import { createSite } from '../../example/src/app.ts'
import type { Site, SiteOptions } from '../../example/src/app.ts'
import { MIGRATIONS } from '../../example/src/database.ts'
import { lendDatabase } from '../support/lent-database.ts'

export type Agent = ReturnType<typeof request.agent>

/** As a browser says of a request that one of the site's own pages makes. */
export const OWN = { 'Sec-Fetch-Site': 'same-origin' }

/** For sites that a test starts: in production it would be no secret. */
export const SESSION_SECRET = 'a secret for tests, of 32 characters'

/** A site in memory, behind a sandbox. */
export async function startSite(options: Partial<SiteOptions> = {}): Promise<TestSite> {
  const sandbox = await createSandbox()
  const logged: string[] = []
  const site = await createSite({
    civic: sandbox.strategyOptions(),
    scriptUrl: `${sandbox.url}/js/civic.sip.min.js`,
    database: options.database ?? (await lendDatabase(MIGRATIONS)),
    sessionSecrets: [SESSION_SECRET],
    loginsPerMinute: 10_000,
    log: (line) => logged.push(line),
    ...options,
  })
  return new TestSite(site, sandbox, logged)
}

export class TestSite {
  readonly app: Site['app']
  readonly sandbox: Sandbox
  /** What it told its operator. */
  readonly logged: readonly string[]
  readonly #site: Site

  constructor(site: Site, sandbox: Sandbox, logged: readonly string[]) {
    this.app = site.app
    this.sandbox = sandbox
    this.logged = logged
    this.#site = site
  }

  /** A browser with its cookies. */
  browser(): Agent {
    return request.agent(this.app)
  }

  /** Posts what Civic answered, for somebody made up on the spot unless the options name one. */
  async enter(agent: Agent, options: AuthCodeOptions = {}): Promise<Response> {
    const token = await this.sandbox.authCode({ user: { id: randomUUID() }, ...options })
    return post(agent, token)
  }

  /** Somebody who is logged in. */
  async member(options: AuthCodeOptions = {}): Promise<Agent> {
    const agent = this.browser()
    await this.enter(agent, options)
    return agent
  }

  async close(): Promise<void> {
    await this.#site.close()
    await this.sandbox.close()
  }
}

export type Response = Awaited<Test>

/** Hands a token to the site as its page does. */
export function post(agent: Agent, authToken: string, fields: Record<string, string> = {}): Test {
  return agent
    .post('/auth/civic')
    .type('form')
    .set(OWN)
    .accept('html')
    .send({ authToken, ...fields })
}

/** The page that a browser is sent to when a post is refused, or fails. */
export async function problemPage(agent: Agent, posted: Test | Response): Promise<Response> {
  const { status, headers } = await posted
  assert.equal(status, 303)
  assert.match(headers.location ?? '', /^\/problem\?code=/)
  return agent.get(headers.location!).accept('html')
}

/** The account of the person who is logged in; fails the test if nobody is. */
export async function account(agent: Agent): Promise<Account> {
  const response = await agent.get('/account').accept('json').expect(200)
  return response.body as Account
}

/** The value of the session cookie that a response sets. */
export function sessionCookie(response: Response): string {
  const [cookie = ''] = response.headers['set-cookie'] ?? []
  return cookie.split(';', 1)[0] ?? ''
}

/** The code of the problem that a program is told. */
export function problemOf(response: Response): string {
  return (response.body as { error: string }).error
}
