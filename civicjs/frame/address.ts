/** The value of a parameter of this page's address, if it has one. */
export function parameter(name: string): string | undefined {
  const [part] = window.location.search
    .slice(1)
    .split('&')
    .filter((pair) => pair === name || pair.indexOf(`${name}=`) === 0)
  return part === undefined ? undefined : decode(part.slice(name.length + 1))
}

/**
 * Where requests are polled that were made at `api`, on our own host whatever it says: of `api`, as sites name it
 * (`{api}{stage}/{version}/scopeRequest`, or without version and stage), only the stage counts. By default the stage
 * of this page, `/scopeRequest/{stage}/index.html`; the original CivicJS has one page for every stage.
 */
export function requestsUrl(api = ''): string {
  const named = /\/(?:(prod|test|dev)\/)?(?:[^/]+\/)?scopeRequest\/?$/.exec(api)
  const ours = /\/scopeRequest\/([\w-]+)\//.exec(window.location.pathname)
  const stage = (named ?? ours)?.[1]
  return stage === undefined ? '/sip/scopeRequest' : `/sip/${stage}/scopeRequest`
}

/** Where the wallet opens a request that is polled at `url`. */
export function walletLink(url: string): string {
  const { protocol, host } = window.location
  return `/wallet#${protocol}//${host}${url}/callback`
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replace(/\+/g, ' '))
  } catch {
    return text
  }
}
