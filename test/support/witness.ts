type Fetch = typeof globalThis.fetch

/** Three parts or more with points between, as JWS, JWE and what is in an Authorization header. */
const TOKEN = /[\w-]{30,}(?:\.[\w-]*){2,}/g
const HEX = /\b(?:04)?[0-9a-f]{32,}\b/g
const EXTENDED_KEY = /\bx(?:pub|prv)\w{100,}/g

/** Keeps every token, key and id that passes through a `fetch`, in requests and responses. */
export class Witness {
  readonly tokens = new Set<string>()
  /** Hex and extended keys, those within tokens too. */
  readonly keys = new Set<string>()

  /** @returns the same `fetch`, watched */
  watch(fetch: Fetch): Fetch {
    return async (input, init) => {
      this.#note(text(init?.body), ...Object.values((init?.headers ?? {}) as Record<string, string>))
      const response = await fetch(input, init)
      const body = await response.clone().text()
      this.#note(body)
      return response
    }
  }

  #note(...texts: readonly string[]): void {
    for (const text of texts) {
      for (const [token] of text.matchAll(TOKEN)) {
        this.tokens.add(token)
        this.#keysIn(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
      }
      this.#keysIn(text)
    }
  }

  #keysIn(text: string): void {
    for (const pattern of [HEX, EXTENDED_KEY]) for (const [key] of text.matchAll(pattern)) this.keys.add(key)
  }
}

function text(body: unknown): string {
  if (typeof body === 'string') return body
  return body instanceof URLSearchParams ? body.toString() : ''
}
