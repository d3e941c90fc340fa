/** The key that sites pin, as hex: the first of those that a SIP publishes. */
export async function sipPublicKeyAt(url: string, fetch = globalThis.fetch): Promise<string> {
  const { keys } = (await (await fetch(`${url}/.well-known/civic-sip`)).json()) as {
    keys: { x: string; y: string }[]
  }
  const { x, y } = keys[0]!
  return `04${[x, y].map((text) => Buffer.from(text, 'base64url').toString('hex')).join('')}`
}
