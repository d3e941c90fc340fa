import { randomBytes } from 'node:crypto'

/** 32 random bytes as base64url. */
const VALUE = /^[\w-]{43}$/

/**
 * The cookie that binds a request to the browser that asks. Over https its name's prefix keeps other hosts of the
 * domain from setting it; ports of one host share cookies, so over http the port is in the name.
 */
export function cookieName(origin: string): string {
  const { protocol, port } = new URL(origin)
  return protocol === 'https:' ? '__Host-civic-direct' : `civic-direct-${port || '80'}`
}

/** The cookie's value, if the request has a valid one. */
export function readCookie(header: unknown, name: string): string | undefined {
  if (typeof header !== 'string') return undefined
  const prefix = `${name}=`
  const pairs = header.split(';').map((pair) => pair.trim())
  return pairs
    .find((pair) => pair.startsWith(prefix) && VALUE.test(pair.slice(prefix.length)))
    ?.slice(prefix.length)
}

export function createCookie(): string {
  return randomBytes(32).toString('base64url')
}

/** The header that sets the cookie until the browser is closed. */
export function setCookie(name: string, value: string): string {
  const secure = name.startsWith('__Host-') ? ' Secure;' : ''
  return `${name}=${value}; Path=/; HttpOnly;${secure} SameSite=Strict`
}
