import { byId, setText } from './view.ts'
import type { Channel } from './words.ts'

/** How long a code lives if the page does not pass on the server's value. */
export const defaultTimeoutS = 120

/** A request whose code is displayed. */
export interface Code {
  uuid: string
  /** The link that opens it in a wallet. */
  link: string
  timeoutS: number
}

/** Callback URLs that only a wallet on this computer can open. */
const HERE = /^https?:\/\/(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])[:/]/

/**
 * Shows the links to the wallet.
 * @param hasTestWallet whether the link opens a wallet of test users
 */
export function showWays({ link }: Code, channel: Channel, hasTestWallet: boolean): void {
  const isHere = channel === 'scan' && HERE.test(link.slice(link.indexOf('#') + 1))
  byId('wallet').setAttribute('href', link)
  byId('test-wallet').setAttribute('href', link)
  setText('reach', isHere ? 'This code works on this computer only.' : 'No phone at hand?')
  byId('no-phone').hidden = !isHere && !hasTestWallet
}
