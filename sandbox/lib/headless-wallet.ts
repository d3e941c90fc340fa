import { LedgerUnavailable } from 'civic-attestations'
import { HttpError } from 'civic-sip-server/http'
import { WalletError } from 'civic-wallet'
import type { Wallet, WalletRequest } from 'civic-wallet'
import type { Person } from './people.ts'
import type { HeldAttestation, PeopleWallets } from './people-wallets.ts'

/** The result of `approve` and `deny`. */
export interface WalletOutcome {
  /** `read` while the approval waits. */
  readonly state: 'read' | 'granted' | 'denied'
  /** Why the approval waits. Call `approve` again later. */
  readonly waiting?: string
  /** The six digits that the person types where the login began. */
  readonly confirm?: string
  /** Where the person continues, if the request came by a link on the same device. */
  readonly redirectUri?: string
}

export interface HeadlessWalletParts {
  readonly person: Person
  readonly wallets: PeopleWallets
  /** The callback URL of a request of this sandbox; undefined for an unknown uuid. */
  readonly callbackOf: (uuid: string) => Promise<string | undefined>
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/**
 * A test user's wallet without a screen. It works over HTTP like every wallet, and encrypts and signs each response. It
 * first has missing details attested. It also works with Direct sites.
 */
export class HeadlessWallet {
  readonly #parts: HeadlessWalletParts

  /** @internal Use `sandbox.wallet()`. */
  constructor(parts: HeadlessWalletParts) {
    this.#parts = parts
  }

  /** The underlying wallet, which has nothing attested by itself. */
  get wallet(): Wallet {
    const { person, wallets } = this.#parts
    return wallets.of(person).wallet
  }

  /** The wallet's test user. */
  get person(): Pick<Person, 'id' | 'name' | 'email' | 'phoneNumber'> {
    const { id, name, email, phoneNumber } = this.#parts.person
    return { id, name, email, phoneNumber }
  }

  /**
   * Reads a request.
   * @param link the text of the QR code, the callback URL, or the uuid of a request of this sandbox
   * @throws WalletError that says what was refused; HttpError 404 for an unknown uuid
   */
  async read(link: string): Promise<WalletRequest> {
    return this.wallet.read(await this.#linkOf(link))
  }

  /**
   * Approves a request.
   * @param link as `read`
   * @throws WalletError that says what was refused, and why
   */
  async approve(link: string): Promise<WalletOutcome> {
    const { person, wallets } = this.#parts
    const { wallet, waiting } = wallets.of(person)
    const url = await this.#linkOf(link)
    const request = waiting.get(url) ?? (await wallet.read(url))
    const optional = wallet.showsAttestations(request) ? [] : request.optionalLabels
    if (!waiting.has(url)) await wallets.attest(person, [...request.labels, ...optional])
    try {
      const approved = await wallet.approve(request)
      waiting.delete(url)
      return { state: 'granted', ...approved }
    } catch (error) {
      if (!(error instanceof WalletError) || error.status !== 503) throw error
      waiting.set(url, request)
      return { state: 'read', waiting: reasonOf(error) }
    }
  }

  /** Declines a request. @param link as `read` */
  async deny(link: string): Promise<WalletOutcome> {
    await this.wallet.decline(await this.read(link))
    return { state: 'denied' }
  }

  /** The labels that the wallet holds now. */
  attestations(): HeldAttestation[] {
    const { person, wallets } = this.#parts
    return wallets.held(person)
  }

  async #linkOf(link: string): Promise<string> {
    const text = link.slice(link.indexOf('#') + 1)
    if (!UUID.test(text)) return link
    const callback = await this.#parts.callbackOf(text)
    if (callback === undefined) throw new HttpError(404, 'there is no such scope request')
    return callback
  }
}

function reasonOf({ reason }: WalletError): string {
  const isLedger = reason === new LedgerUnavailable('').code
  return isLedger
    ? 'the blockchain cannot be reached: approve again when it can'
    : 'the requester is not ready: approve again later'
}
