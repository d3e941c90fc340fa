import { byId, setText } from './view.ts'

/** Whether the wallet scans a code from this screen, or is on this device. */
export type Channel = 'link' | 'scan'

const purposes: Readonly<Record<string, string | undefined>> = {
  '': 'your email address and phone number',
  civicBasic: 'your email address and phone number',
  Anonymous_Login: 'a private login, without any of your details',
  Login: 'a login',
  proofOfIdentity: 'proof of your identity',
  proofOfAge: 'proof of your age',
  proofOfResidence: 'proof of your residence',
}

/**
 * What the site asks for. A Direct site that names no scope request asks for its first, which only the wallet shows.
 */
export function purposeOf(level: string, isDirect: boolean): string {
  if (isDirect && level === '') return 'a login'
  return purposes[level] ?? 'your verified details'
}

/** Why this page does nothing: no known site frames it. */
export function unframed(): string {
  if (window.parent !== window) {
    return 'This site hides its address from Civic. Its Referrer-Policy must not be no-referrer on this page.'
  }
  setText('failed-heading', 'Open this from a site')
  return 'This page belongs to a site’s “Log in with Civic” button and does nothing by itself.'
}

/** The text for a response that no site gets, if the server sends none. */
export function usualFailure(action: 'mobile-upgrade' | 'verify-error'): string {
  return action === 'mobile-upgrade'
    ? 'Your Civic app is too old for this request. Update it, then try again.'
    : 'The response of your Civic app could not be verified.'
}

/** The texts and order of the step with the code. */
export function showChannel(channel: Channel, isDirect: boolean): void {
  const isLink = channel === 'link'
  const app = isDirect ? 'wallet' : 'Civic app'
  const open = isDirect ? 'Open your wallet' : 'Open the Civic app'
  const beside = isDirect ? 'Is your wallet in this browser? Open it' : `On your phone? ${open}`
  byId('app').className = isLink ? 'mobile' : ''
  setText('instruction', isLink ? `Continue in your ${app}` : `Scan with your ${app}`)
  setText('wallet', isLink ? open : beside)
  byId('other').hidden = !isDirect || !isLink
  // Not "you": anybody who saw the code of a Direct request can decline it
  if (isDirect) setText('declined', 'This request was declined.')
  const places = document.querySelectorAll('.app')
  for (let i = 0; i < places.length; i++) setNode(places[i], app)
}

function setNode(node: Element | undefined, text: string): void {
  if (node !== undefined) node.textContent = text
}
