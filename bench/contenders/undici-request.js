import { Agent, request } from 'undici'

/**
 * A `fetch` over undici's `request`, which is faster than undici's `fetch`, for the option `fetch`. It follows no
 * redirects, and neither requests nor supports compression.
 */
export function createUndiciFetch(dispatcher = new Agent({ keepAliveTimeout: 4_000 })) {
  return async (url, { method, headers, body, signal }) => {
    const answer = await request(url, { dispatcher, method, headers, body, signal })
    return {
      status: answer.statusCode,
      redirected: false,
      headers: { get: (name) => answer.headers[name] ?? null },
      body: answer.body,
    }
  }
}
