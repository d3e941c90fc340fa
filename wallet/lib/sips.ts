import { WalletError } from './errors.ts'
import type { CheckedRequest } from './request.ts'

/** A SIP that may make requests for others: its origin, and its `sipId` if known. */
export type TrustedSip = string | { readonly origin: string; readonly sipId: string }

const SIP_ID = /^[0-9a-f]{32}$/

/** The SIPs that a wallet trusts to make requests for others, and their known ids. */
export class TrustedSips {
  readonly #ids = new Map<string, string | undefined>()

  /**
   * @param known the ids from earlier requests, by origin
   * @throws TypeError
   */
  constructor(sips: readonly TrustedSip[], known: Readonly<Record<string, string>> = {}) {
    if (!Array.isArray(sips)) throw new TypeError('trustedSips must be an array')
    for (const sip of sips as readonly (TrustedSip | null | undefined)[]) {
      const { origin, sipId } = typeof sip === 'string' ? { origin: sip, sipId: undefined } : (sip ?? {})
      const isOrigin = typeof origin === 'string' && URL.canParse(origin) && new URL(origin).origin === origin
      if (!isOrigin || (sipId !== undefined && !SIP_ID.test(sipId))) {
        throw new TypeError('trustedSips must be origins, or objects of origin and sipId')
      }
      this.#ids.set(origin, sipId ?? known[origin])
    }
  }

  /** The known ids, by origin. */
  ids(): Record<string, string> {
    return Object.fromEntries(
      [...this.#ids].flatMap(([origin, id]) => (id === undefined ? [] : [[origin, id]])),
    )
  }

  /**
   * The client that the wallet's key is for (wallet protocol, "Keys in the wallet"): a site itself, or an app of a SIP.
   *
   * @throws WalletError `SIP_UNTRUSTED`
   */
  clientOf({ origin, requester, data }: CheckedRequest): string {
    if (data.clientId === origin) return origin
    const refuse = (why: string): WalletError =>
      new WalletError('SIP_UNTRUSTED', `The request is refused: ${why}`)
    if (!this.#ids.has(origin)) throw refuse('its requester speaks for another, and is not a trusted SIP')
    const { sipId } = requester
    if (sipId === undefined || data.sipId !== sipId) throw refuse('it does not name the sipId of its SIP')
    const known = this.#ids.get(origin)
    if (known !== undefined && known !== sipId)
      throw refuse('the SIP has another sipId than the wallet knows')
    // If both origins have this id in the wallet, its owner has agreed that they are one SIP
    if (known === undefined && [...this.#ids.values()].includes(sipId)) {
      throw refuse('the wallet knows this sipId under another origin')
    }
    this.#ids.set(origin, sipId)
    return `sip:${sipId} ${data.clientId}`
  }
}
