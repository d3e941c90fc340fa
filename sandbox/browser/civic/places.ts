/** Where this script came from, and so whose API and iframe page it uses. */
export interface Places {
  /** Base of the API, with a slash at its end. */
  api: string
  /** Base of the iframe pages, with a slash at its end; `{stage}/index.html` follows. */
  frames: string
}

const production: Places = {
  api: 'https://api.civic.com/sip/',
  frames: 'https://hosted-sip.civic.com/scopeRequest/',
}

/**
 * A script that a sandbox serves at `{sandbox}/js/…` takes that sandbox for its API and iframe page; one that
 * no tag with a `src` loaded, or Civic's own host served, takes Civic's production.
 * To be called while the script first runs: later, no browser says which tag it came from.
 */
export function ownPlaces(): Places {
  const base = /^(https?:\/\/[^/?#]+[^?#]*?)\/js\/[^/?#]+(?:[?#]|$)/.exec(ownSource())?.[1]
  if (base === undefined || base === 'https://hosted-sip.civic.com') return production
  return { api: `${base}/sip/`, frames: `${base}/scopeRequest/` }
}

function ownSource(): string {
  if ('currentScript' in document) {
    const script = document.currentScript
    return script !== null && 'src' in script ? script.src : ''
  }
  // Internet Explorer 11: the newest of our tags is the one that runs
  const scripts = (document as Document).getElementsByTagName('script')
  for (let i = scripts.length - 1; i >= 0; i--) {
    const src = scripts[i]?.src ?? ''
    if (/\/civic\.sip[^/]*\.js/.test(src)) return src
  }
  return ''
}

/** `url` made absolute, as the page would load it. */
export function absolute(url: string): string {
  const link = document.createElement('a')
  link.href = url
  return link.href
}

/**
 * Takes `uuid` out of the page's address and returns it: a link with somebody else's uuid must neither start
 * anything nor be passed on, bookmarked or reloaded.
 */
export function takeUuidFromAddress(): string | undefined {
  const { pathname, search, hash } = window.location
  let uuid: string | undefined
  const rest = search
    .slice(1)
    .split('&')
    .filter((part) => {
      const match = /^uuid(?:=(.*))?$/.exec(part)
      if (match === null) return true
      uuid ??= match[1] ?? ''
      return false
    })
  if (uuid === undefined) return undefined
  const query = rest.length > 0 ? `?${rest.join('&')}` : ''
  window.history.replaceState(window.history.state, document.title, pathname + query + hash)
  return uuid
}
