import { createHash, randomBytes } from 'node:crypto'
import type { Sandbox } from 'civic-sip-sandbox'

export interface Poll {
  readonly statusCode: number
  readonly status?: string
  readonly action?: string
  readonly authResponse?: string
  readonly message?: string
}

/** A site's page with CivicJS and its iframe, as far as the server sees them. */
export class Page {
  readonly verifier = randomBytes(32).toString('hex')
  readonly #sandbox: Sandbox
  readonly #origin: string

  constructor(sandbox: Sandbox, origin = 'http://localhost:3000') {
    this.#sandbox = sandbox
    this.#origin = origin
  }

  get challenge(): string {
    return createHash('sha256').update(this.verifier).digest('hex')
  }

  /** `POST …/qrcode` with the usual fields, which `fields` overrides; `undefined` leaves one out. */
  ask(
    fields: Record<string, string | undefined> = {},
    headers: Record<string, string> = {},
  ): Promise<Response> {
    const { env, appId } = this.#sandbox.strategyOptions()
    const all: Record<string, string | undefined> = {
      appId,
      verificationLevel: 'civicBasic',
      challenge: this.challenge,
      ...fields,
    }
    const sent = Object.entries(all).filter((field): field is [string, string] => field[1] !== undefined)
    return fetch(`${this.#sandbox.url}/sip/${env}/1.0/scopeRequest/qrcode`, {
      method: 'POST',
      headers: { Origin: this.#origin, ...headers },
      body: new URLSearchParams(sent),
    })
  }

  /** @returns the uuid of a new scope request */
  async uuid(fields: Record<string, string | undefined> = {}): Promise<string> {
    const answer = (await (await this.ask(fields)).json()) as { uuid?: string; message?: string }
    if (answer.uuid === undefined) throw new Error(answer.message)
    return answer.uuid
  }

  async poll(uuid: string, verifier = this.verifier, stage = 'prod'): Promise<Poll> {
    const response = await fetch(`${this.#sandbox.url}/sip/${stage}/scopeRequest/${uuid}`, {
      headers: { 'X-Civic-Verifier': verifier },
    })
    const answer = (await response.json()) as Poll
    if (answer.statusCode !== response.status) throw new Error('statusCode and the HTTP status differ')
    return answer
  }
}
