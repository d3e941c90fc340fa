import { redirected, tooLarge } from './connect.ts'
import type { Connect, Fetch } from './connect.ts'

/** Uses `fetch`: in browsers, which do not reveal addresses, and if the option is given. */
export const connect: Connect = async (url, { method, headers, body, maxBytes, signal }, options) => {
  const send: Fetch = options.fetch ?? ((input, init) => fetch(input, init))
  const response = await send(url, {
    method,
    headers,
    ...(body !== undefined && { body }),
    cache: 'no-store',
    credentials: 'omit',
    mode: 'cors',
    redirect: 'manual',
    referrerPolicy: 'no-referrer',
    signal,
  })
  const { status, type } = response
  if (response.redirected || type === 'opaqueredirect' || (status >= 300 && status < 400)) {
    await response.body?.cancel()
    throw redirected()
  }
  const retryAfter = response.headers.get('retry-after')
  return { status, retryAfter, body: await read(response, maxBytes) }
}

async function read({ body }: Response, maxBytes: number): Promise<string> {
  if (!body) return ''
  const reader = body.getReader()
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let size = 0
  let text = ''
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return text + decoder.decode()
    size += value.byteLength
    if (size > maxBytes) {
      await reader.cancel()
      throw tooLarge()
    }
    text += decoder.decode(value, { stream: true })
  }
}
