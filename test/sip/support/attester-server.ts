import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import { EmbeddedLedger } from 'civic-attestations'
import { createSip } from 'civic-sip-server'
import type { AttesterOptions, Sip, SipOptions } from 'civic-sip-server'
import express from 'express'
import type { Express } from 'express'
import { newKeyPair } from '../../../sandbox/lib/new-keys.ts'
import { listen } from '../../support/http.ts'
import type { Listening } from '../../support/http.ts'

interface Options extends Partial<Omit<SipOptions, 'attester' | 'ledger'>> {
  readonly ledger?: EmbeddedLedger
  readonly attester?: AttesterOptions
}

/** A SIP for real people on a ledger that makes a block of each transaction, on a free port. */
export class AttesterServer {
  readonly sip: Sip
  readonly origin: string
  readonly #listening: Listening

  private constructor(sip: Sip, listening: Listening) {
    this.sip = sip
    this.origin = listening.origin
    this.#listening = listening
  }

  /** @param before adds what stands in front of the SIP */
  static async start(options: Options = {}, before?: (app: Express) => void): Promise<AttesterServer> {
    const { ledger = new EmbeddedLedger(), attester, ...more } = options
    const app = express()
    const listening = await listen(createServer(app))
    const sip = createSip({
      url: listening.origin,
      secret: randomBytes(32).toString('hex'),
      keys: newKeyPair(),
      ledger,
      ...more,
      attester: {
        realPeople: true,
        sent: () => ledger.mine(),
        fund: (script) => void ledger.mine(script),
        ...attester,
      },
    })
    before?.(app)
    app.use(sip.router)
    return new AttesterServer(sip, listening)
  }

  /** Calls the server. @param call such as `POST /attester/codes` @throws Error with status and message */
  readonly ask = async <T>(call: string, body?: object): Promise<T> => {
    const [method = '', path = ''] = call.split(' ')
    const response = await fetch(this.origin + path, {
      method,
      headers: { 'Content-Type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    })
    if (response.status === 204) return undefined as T
    const json = (await response.json()) as { message?: string }
    if (response.status >= 300) throw new Error(`${response.status} ${json.message ?? ''}`)
    return json as T
  }

  async stop(): Promise<void> {
    await this.#listening.close()
    await this.sip.close()
  }
}
