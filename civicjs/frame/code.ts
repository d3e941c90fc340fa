import { byId, setText } from './view.ts'
import type { Channel } from './words.ts'

/** How long a code lives where the page does not hand on what the server said of it. */
export const defaultTimeoutS = 120

/** A request whose code is shown. */
export interface Code {
  uuid: string
  /** Opens it in a wallet. */
  link: string
  timeoutS: number
}

/** Callback URLs that lead to this very computer, in whatever wallet they are opened. */
const HERE = /^https?:\/\/(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])[:/]/

/**
 * Shows the ways to the wallet that go by a link.
 * @param hasTestWallet whether the link leads to a wallet of test users
 */
export function showWays({ link }: Code, channel: Channel, hasTestWallet: boolean): void {
  const isHere = channel === 'scan' && HERE.test(link.slice(link.indexOf('#') + 1))
  byId('wallet').setAttribute('href', link)
  byId('test-wallet').setAttribute('href', link)
  setText('reach', isHere ? 'This code works on this computer only.' : 'No phone at hand?')
  byId('no-phone').hidden = !isHere && !hasTestWallet
}
