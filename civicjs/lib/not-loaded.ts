import { fieldsOf, textOf } from './messages.ts'
import { originOf } from './origin.ts'
import { get } from './request.ts'

/** The parts of a page's window that tell which pages frame it. */
export interface ShownPage {
  parent: unknown
  location: { protocol: string; host: string; ancestorOrigins?: ArrayLike<string> }
  document: { referrer: string }
}

/** Why the dialog stayed empty: for the person who sees it, and for the site's developer. */
export interface WhyNotLoaded {
  heading: string
  text: string
  /** For the developer, with the solution. */
  message: string
}

/**
 * Asks the server why the iframe page did not load.
 * @param appId undefined if the site serves the iframe page itself
 * @returns a function that cancels it
 */
export function askWhy(
  frameUrl: string,
  appId: string | undefined,
  done: (why: WhyNotLoaded) => void,
): () => void {
  if (appId === undefined) {
    done({ heading: notOpened, text: tryAgain, message: whyNotLoadedDirect(frameUrl) })
    return () => undefined
  }
  const ancestors = (ancestorsOf(window) ?? []).map(encodeURIComponent).join('&ancestor=')
  const query = `?appId=${encodeURIComponent(appId)}${ancestors === '' ? '' : `&ancestor=${ancestors}`}`
  const url = frameUrl.replace(/[^/]*(?:[?#].*)?$/, `why${query}`)
  const unknown = whyNotLoaded(frameUrl, window)
  return get(
    url,
    'Civic',
    (answer) => {
      const message = textOf(fieldsOf(answer).message)
      if (message === '') done({ heading: notOpened, text: tryAgain, message: unknown })
      else
        done({
          heading: 'This site cannot use Civic yet',
          text: 'The people who run the site must set it up.',
          message,
        })
    },
    () =>
      done({
        heading: 'Civic could not be reached',
        text: 'Check your connection, then try again.',
        message: unknown,
      }),
  )
}

const notOpened = 'Civic could not be opened'
const tryAgain = 'Please try again in a moment.'

/**
 * Why the iframe page may not have loaded, for the developer of `page`. The server allows it only if every page around
 * it is allowed (`frame-ancestors`), including those around the site's page.
 */
export function whyNotLoaded(frameUrl: string, page: ShownPage): string {
  const own = ownOrigin(page)
  const ancestors = ancestorsOf(page)
  const sites = [own].concat(ancestors ?? [])
  let text =
    `The iframe page ${frameUrl} did not load. Is Civic's side running, ` +
    `and ${sites.length > 1 ? 'are' : 'is'} ${sites.join(' and ')} ${sites.length > 1 ? 'allowed domains' : 'an allowed domain'} of the app?`
  if (sites.length > 1) {
    text += ` ${own} is itself in a frame of ${sites.slice(1).join(', in ')}: all of them must be allowed domains.`
  } else if (ancestors === undefined) {
    text += ` ${own} is itself in a frame of a page that this browser does not name: it must be an allowed domain, too.`
  }
  if (originOf(frameUrl) === own) {
    text += ' If CivicJS is a copy on your own server, give new civic.sip() the options api and url.'
  }
  return text
}

/** The same for a site that serves the iframe page itself. */
export function whyNotLoadedDirect(frameUrl: string): string {
  return (
    `The iframe page ${frameUrl} did not load. Is civic-js installed beside the server, does direct.routes stand ` +
    'before other handlers, and may the site frame its own pages (X-Frame-Options: SAMEORIGIN, ' +
    "Content-Security-Policy: frame-ancestors 'self')?"
  )
}

/**
 * The origins of the pages around `page`, the nearest first, without its own: all of them if the browser names them,
 * otherwise the nearest one from the referrer.
 * @returns an empty list if no other site frames the page; undefined if one may, but is unknown
 */
function ancestorsOf(page: ShownPage): string[] | undefined {
  if (page.parent === page) return []
  // Firefox and Internet Explorer have no ancestorOrigins
  const { ancestorOrigins } = page.location
  const named = ancestorOrigins
    ? (Array.prototype.slice.call(ancestorOrigins) as string[])
    : [originOf(page.document.referrer)]
  const others = named.filter(
    (origin, i) => origin !== '' && origin !== ownOrigin(page) && named.indexOf(origin) === i,
  )
  return others.length === 0 && !ancestorOrigins ? undefined : others
}

function ownOrigin({ location }: ShownPage): string {
  return `${location.protocol}//${location.host}`
}
