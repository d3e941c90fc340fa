/** The value of a parameter in this page's address, if it is there. */
export function parameter(name: string): string | undefined {
  const [part] = window.location.search
    .slice(1)
    .split('&')
    .filter((pair) => pair === name || pair.indexOf(`${name}=`) === 0)
  return part === undefined ? undefined : decode(part.slice(name.length + 1))
}

/**
 * The path for polling requests that were made at `api`, always on this page's host. Of `api`, which sites write as
 * `{api}{stage}/{version}/scopeRequest`, with or without version and stage, only the stage counts. The default is the
 * stage of this page, `/scopeRequest/{stage}/index.html`. The original CivicJS has one page for all stages.
 */
export function requestsUrl(api = ''): string {
  const named = /\/(?:(prod|test|dev)\/)?(?:[^/]+\/)?scopeRequest\/?$/.exec(api)
  const ours = /\/scopeRequest\/([\w-]+)\//.exec(window.location.pathname)
  const stage = (named ?? ours)?.[1]
  return stage === undefined ? '/sip/scopeRequest' : `/sip/${stage}/scopeRequest`
}

/** The link that opens a request in the wallet. */
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
