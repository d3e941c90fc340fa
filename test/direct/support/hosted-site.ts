import { CivicClient } from '../../../lib/index.ts'
import type { AttestationsOption, CivicStrategyOptions, CivicUser } from '../../../lib/index.ts'
import type { ResolvedAnswer } from '../../../lib/direct/index.ts'
import { authorities, fundedLedger } from '../../support/issuer.ts'
import { FakeSip, json } from '../../support/sip.ts'
import { PAGE, hostedBody, hostedPayload, hostedToken } from './hosted.ts'
import type { HostedPayload } from './hosted.ts'
import { Person } from '../../support/person.ts'

type Json = Record<string, unknown>

/** What an approval becomes at SIP. */
export interface Approval {
  readonly token: string
  readonly answer: ResolvedAnswer
  readonly payload: HostedPayload
}

/** A site that verifies what its SIP says, the SIP, and two people with wallets. */
export class HostedSite {
  readonly sip = new FakeSip()
  readonly ledger = fundedLedger()
  ada!: Person
  eve!: Person

  async start(): Promise<void> {
    await this.sip.start()
    this.ada = await Person.attested('ada', this.ledger)
    this.eve = await Person.attested('eve', this.ledger)
  }

  stop(): Promise<void> {
    return this.sip.stop()
  }

  options(more: Partial<AttestationsOption> = {}): CivicStrategyOptions {
    const attestations = { ledger: this.ledger, authorities, origins: [PAGE], ...more }
    return { ...this.sip.options, attestations }
  }

  /** Has SIP answer with this payload, for this person, and exchanges a code. */
  exchange(payload: unknown, userId: unknown, client = new CivicClient(this.options())): Promise<CivicUser> {
    this.respond(payload, userId)
    return client.exchangeCode(this.sip.token())
  }

  respond(payload: unknown, userId: unknown): void {
    this.sip.answers = [(res) => json(res, 200, hostedBody(this.sip, userId, payload))]
  }

  /** What ada approves, of a request changed as told. */
  honest(changes: Json = {}, data: Json = {}): Approval {
    const token = hostedToken(this.sip, changes, data)
    const answer = this.ada.answer(token)
    return { token, answer, payload: hostedPayload(token, answer) }
  }

  /** The ledger's methods as own properties, of which a test replaces one. */
  reader(): AttestationsOption['ledger'] {
    const { ledger } = this
    return {
      txHex: (txid) => ledger.txHex(txid),
      txStatus: (txid) => ledger.txStatus(txid),
      outspend: (txid, vout) => ledger.outspend(txid, vout),
      tipHeight: () => ledger.tipHeight(),
    }
  }
}
