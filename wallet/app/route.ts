import { ATTESTATION_SETS } from 'passport-civic-sip/user-data'
import type { AttestationSet } from 'passport-civic-sip/user-data'

/** The screens, from the fragment of the page's address. */
export type Route =
  | { readonly at: 'request'; readonly link: string }
  | { readonly at: 'anchor'; readonly set: AttestationSet }
  | { readonly at: 'home' | Place }

const PLACES = ['people', 'new', 'own', 'create', 'restore', 'scan', 'activity', 'settings'] as const

type Place = (typeof PLACES)[number]

const FOR_TEST_USERS: readonly Place[] = ['people', 'new']
/** Links that the person scanned or pasted in this page, so that nobody else sent them. */
const openedHere = new Set<string>()

/** @param hasTestUsers whether the wallet is for test users as well */
export function routeOf(fragment: string, hasTestUsers: boolean): Route {
  if (/^https?:/.test(fragment)) return { at: 'request', link: fragment }
  const set = ATTESTATION_SETS.find((name) => fragment === `anchor-${name}`)
  if (set) return { at: 'anchor', set }
  const place = PLACES.find((name) => name === fragment)
  if (!place || (FOR_TEST_USERS.includes(place) && !hasTestUsers)) return { at: 'home' }
  return { at: place }
}

/**
 * Opens a request from the text of a code or a link.
 * @throws Error in words for people if it is not such a link
 */
export function openRequest(text: string): void {
  const link = text.slice(text.indexOf('#') + 1).trim()
  if (!/^https?:\/\/\S+\/callback$/.test(link)) throw new Error('This is not the link of a login request.')
  openedHere.add(link)
  location.hash = link
}

export function wasOpenedHere(link: string): boolean {
  return openedHere.has(link)
}

/** The person has confirmed that this is their login. */
export function settle(link: string): void {
  openedHere.add(link)
}
