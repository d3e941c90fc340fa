import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { EmbeddedLedger } from 'civic-attestations'
import { createSip, MemoryPartnerStores, MemoryStores } from 'civic-sip-server'
import type { AttesterOptions, Mail, Network, PartnerStores, Sip, Stores } from 'civic-sip-server'
import { PostgresPartnerStores, PostgresStores, Sealer, transactIn } from 'civic-sip-server/database'
import type { Database } from 'civic-sip-server/database'
import { newKeyPair } from '../../../../sandbox/lib/new-keys.ts'
import { listen } from '../../../support/http.ts'
import type { Listening } from '../../../support/http.ts'
import { Somebody } from '../../../support/somebody.ts'

export { Somebody, tokenOf } from '../../../support/somebody.ts'

/** A host of the internet that shows this value, or none. */
export const hosts = new Map<string, string>()

/** Without a connection: TXT records alone. */
export const RECORDS: Network = {
  addresses: () => Promise.reject(new Error('there is no address')),
  records: (name) => {
    const value = hosts.get(name.replace('_civic-domain-proof.', ''))
    return Promise.resolve(value === undefined ? [] : [[`civic-domain-proof=${value}`]])
  },
  connect: () => Promise.reject(new Error('nothing may connect')),
}

/** A server with accounts, on a free port of this machine. */
export class Server {
  readonly sip: Sip
  readonly stores: Stores
  readonly partnerStores: PartnerStores
  readonly ledger = new EmbeddedLedger({ now: Date.now })
  time = Date.now()
  /** What it sent, oldest first. */
  readonly mails: Mail[] = []
  readonly #listening: Listening
  #seeds = 0

  private constructor(listening: Listening, url: string, database?: Database, attester?: AttesterOptions) {
    this.#listening = listening
    const clock = (): number => this.time
    const sealer = new Sealer(['cd'.repeat(32)])
    this.stores = database ? new PostgresStores(database, { sealer, clock }) : new MemoryStores({ clock })
    this.partnerStores = database
      ? new PostgresPartnerStores(database.pool, sealer)
      : new MemoryPartnerStores()
    const mailer = { send: (mail: Mail) => void this.mails.push(mail) }
    this.sip = createSip({
      url,
      secret: 'ab'.repeat(32),
      keys: newKeyPair(),
      ledger: this.ledger,
      mailer,
      stores: this.stores,
      partners: {
        stores: this.partnerStores,
        network: RECORDS,
        ...(database && { transact: transactIn(database.pool, sealer, () => mailer) }),
      },
      ...(attester && {
        attester: {
          sent: () => this.ledger.mine(),
          fund: (script: string) => void this.ledger.mine(script),
          ...attester,
        },
      }),
      clock,
    })
  }

  /** @param database where it keeps everything. Default: in memory */
  static async start(database?: Database, attester?: AttesterOptions): Promise<Server> {
    const server = createServer()
    const listening = await listen(server)
    const made = new Server(listening, `http://localhost:${listening.port}`, database, attester)
    server.on('request', made.sip.router)
    return made
  }

  async stop(): Promise<void> {
    await this.sip.close()
    await this.#listening.close()
  }

  /** Somebody with a new wallet, who is nobody here yet. */
  person(): Somebody {
    this.#seeds += 1
    return new Somebody(this.sip.url, this.#seeds.toString(16).padStart(32, '0'))
  }

  /** The owner of a new partner. */
  async owner(partnerName: string): Promise<Somebody> {
    const person = this.person()
    await person.join(await this.sip.invite(), { name: `Owner of ${partnerName}`, partnerName })
    return person
  }

  async operator(): Promise<Somebody> {
    const person = this.person()
    await person.join(await this.sip.invite({ operator: true }), { name: 'Operator' })
    return person
  }

  /** Has an owner confirm an address. */
  async confirm(owner: Somebody, address: string): Promise<void> {
    assert.equal((await owner.send('POST', 'me/email', { address })).status, 202)
    const { status } = await owner.send('PUT', 'me/email', { address, code: this.codeTo(address) })
    assert.equal(status, 204)
  }

  /** The code of the last mail to an address. */
  codeTo(address: string): string {
    const mail = this.mails.findLast(({ to }) => to === address)
    return /Your code is (\w{8})\./.exec(mail?.text ?? '')?.[1] ?? assert.fail('no code was sent')
  }

  /** A member that the owner of a partner, or an operator, invited. */
  async member(by: Somebody, role: string): Promise<Somebody> {
    const partnerId = await by.partnerId()
    const { json, status } = await by.send('POST', `partners/${partnerId}/invites`, { role })
    assert.equal(status, 201)
    const person = this.person()
    await person.join((json as { link: string }).link, { name: `A ${role}` })
    return person
  }
}
