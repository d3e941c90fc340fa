import { attesterAt } from 'civic-wallet/hosted'
import { askServer } from './ask.ts'
import type { Person } from './people.ts'
import type { HeldAttestation, PeopleWallets } from './people-wallets.ts'
import { approval, denial, sealAnswer, uuidOf } from 'civic-wallet/hosted'
import type { Answer, RequestView } from 'civic-wallet/hosted'
import type { WalletKey } from 'civic-wallet/hosted'

const ATTESTER_PATH = '/attester'

/** What `approve` and `deny` return. */
export interface WalletOutcome {
  readonly state: string
  /** Set while the grant waits, say for a ledger that cannot be reached. */
  readonly waiting?: string
  /** Where the person continues, if the request came by a link on the same device. */
  readonly redirectUri?: string
}

/**
 * A test user's wallet without a screen. It goes the way of the wallet page: over HTTP, each answer encrypted
 * and signed. What it needs to share and has not had attested yet, it has attested first.
 */
export class HeadlessWallet {
  readonly #person: Person
  readonly #wallets: PeopleWallets
  readonly #url: string

  /** @internal Use `sandbox.wallet()`. */
  constructor(person: Person, wallets: PeopleWallets, url: string) {
    this.#person = person
    this.#wallets = wallets
    this.#url = url
  }

  /** The test user whose wallet it is. */
  get person(): Pick<Person, 'id' | 'name' | 'email' | 'phoneNumber'> {
    const { id, name, email, phoneNumber } = this.#person
    return { id, name, email, phoneNumber }
  }

  /**
   * Reads a scope request, which binds it to this wallet.
   * @param qrOrUuid the text of the QR code, or the uuid
   * @throws Error that says what the server refused
   */
  read(qrOrUuid: string): Promise<RequestView> {
    return this.#post(qrOrUuid, 'read', { xpub: this.#key.xpub }) as Promise<RequestView>
  }

  /**
   * Grants a scope request.
   * @throws Error that says what the server refused, and why
   */
  async approve(qrOrUuid: string): Promise<WalletOutcome> {
    const request = await this.read(qrOrUuid)
    const attester = attesterAt((call, body) => this.#ask(call, body), ATTESTER_PATH)
    const held = await this.#wallets.attested(this.#person, request.labels, attester)
    return this.#answer(request, approval(request, this.#key, held))
  }

  /** Refuses a scope request. */
  async deny(qrOrUuid: string): Promise<WalletOutcome> {
    const request = await this.read(qrOrUuid)
    return this.#answer(request, denial(request, this.#key))
  }

  /** What the wallet holds by now: one entry for each label. */
  attestations(): HeldAttestation[] {
    return this.#wallets.held(this.#person)
  }

  get #key(): WalletKey {
    return this.#wallets.of(this.#person).key
  }

  #answer(request: RequestView, answer: Answer): Promise<WalletOutcome> {
    const body = sealAnswer(answer, request, this.#key)
    return this.#post(request.uuid, 'answer', body) as Promise<WalletOutcome>
  }

  #post(qrOrUuid: string, call: string, body: object): Promise<unknown> {
    return this.#ask(`POST /wallet/api/requests/${uuidOf(qrOrUuid)}/${call}`, body)
  }

  #ask<T>(call: string, body?: object): Promise<T> {
    return askServer<T>(this.#url, call, body && { body })
  }
}
