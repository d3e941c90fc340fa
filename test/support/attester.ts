import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { issue, merkleTree, revoke } from 'civic-attestations'
import type { Attestation, Tree } from 'civic-attestations'
import { anchorTo, authorities, fundedLedger, ISSUER, SIGNERS } from './issuer.ts'
import { listen } from './http.ts'
import type { Listening } from './http.ts'

interface Issuing {
  readonly set: string
  readonly xpub: string
  readonly tree: Tree
  state: string
  attestations?: Attestation[]
}

type Json = Record<string, unknown>

/** The responses that a test may change. */
export interface Faults {
  tree?: (tree: Tree) => unknown
  attestations?: (attestations: Attestation[]) => unknown
  state?: string
}

/** An attester that follows the wallet protocol, with its ledger. Email addresses need the code 123456. */
export class TestAttester {
  readonly ledger = fundedLedger()
  readonly authorities = authorities
  readonly codes: Json[] = []
  /** Pictures that came with claims. */
  readonly pictures: unknown[] = []
  /** Every request's method and path. */
  readonly requests: string[] = []
  faults: Faults = {}
  #listening: Listening | undefined
  readonly #issuings = new Map<string, Issuing>()

  get url(): string {
    return `${this.#listening?.origin ?? ''}/attester`
  }

  async start(): Promise<this> {
    const server = createServer((req, res) => {
      const chunks: Buffer[] = []
      req.on('data', (chunk: Buffer) => chunks.push(chunk))
      req.on('end', () => {
        const { method = '', url = '' } = req
        this.requests.push(`${method} ${url}`)
        const text = Buffer.concat(chunks).toString()
        void this.#respond(method, url.replace('/attester', ''), text ? (JSON.parse(text) as Json) : {}).then(
          ([status, body]) => {
            res.writeHead(status, { 'Content-Type': 'application/json' })
            res.end(JSON.stringify(body))
          },
        )
      })
    })
    this.#listening = await listen(server)
    return this
  }

  async stop(): Promise<void> {
    await this.#listening?.close()
  }

  async revoke(attestation: Attestation): Promise<void> {
    const { tx } = revoke({ attestation, keys: SIGNERS })
    await this.ledger.broadcast(tx)
  }

  async #respond(method: string, path: string, body: Json): Promise<[number, Json]> {
    if (path === '') {
      const labels = {
        'contact.personal.email': { set: 'attCivicBasic', check: 'code' },
        'documents.address.city': { set: 'attCivicResidence', check: 'review' },
      }
      const { authorities } = this
      return [200, { version: 1, name: 'Test', authorities, network: 'tbch', ledger: '', labels }]
    }
    if (path === '/codes') {
      this.codes.push(body)
      return [202, {}]
    }
    if (method === 'POST') return this.#open(body)
    const issuing = this.#issuings.get(path.slice('/attestations/'.length))
    if (!issuing) return [404, { statusCode: 404, code: 'NOT_FOUND', message: 'unknown' }]
    if (method === 'PUT') await this.#sign(issuing, body)
    const { attestations } = issuing
    const shown = attestations && (this.faults.attestations?.(attestations) ?? attestations)
    return [200, { state: issuing.state, ...(shown !== undefined && { attestations: shown }) }]
  }

  #open({ label, xpub, claims, codes, picture }: Json): [number, Json] {
    if (picture !== undefined) this.pictures.push({ label, picture })
    const { 'contact.personal.email': email } = claims as Record<string, string>
    const code = (codes as Record<string, string>)['contact.personal.email']
    if (email !== undefined && code !== '123456') {
      return [403, { statusCode: 403, code: 'CODE_WRONG', message: 'wrong code' }]
    }
    const id = randomUUID()
    const tree = merkleTree(claims as Record<string, string>)
    const state = this.faults.state ?? 'sign'
    this.#issuings.set(id, { set: label as string, xpub: xpub as string, tree, state })
    return [202, { id, state, tree: this.faults.tree?.(tree) ?? tree }]
  }

  async #sign(issuing: Issuing, { subject }: Json): Promise<void> {
    const { set, tree } = issuing
    const issued = issue({ ...ISSUER, label: set, claims: tree, subject: subject as never })
    const { attestations } = await anchorTo(this.ledger, issued)
    this.ledger.mine()
    issuing.attestations = attestations
    issuing.state = 'attested'
  }
}
