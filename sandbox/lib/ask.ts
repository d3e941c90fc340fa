import { request } from 'node:http'
import { HttpError } from 'civic-sip-server/http'

/** The request to send. */
export interface Asked {
  readonly headers?: Readonly<Record<string, string>>
  /** A string is sent as it is, anything else as JSON. */
  readonly body?: object | string
}

/**
 * Calls the sandbox's server with Node's http. In jsdom and similar test environments `fetch` is missing or replaced,
 * and Node's keeps connections open.
 *
 * @param call the method and the path
 * @throws HttpError with the server's refusal
 */
export function askServer<T>(url: string, call: string, { headers, body }: Asked = {}): Promise<T> {
  const [method = '', path = ''] = call.split(' ')
  const text = typeof body === 'string' ? body : body && JSON.stringify(body)
  const json = typeof body === 'object' ? { 'Content-Type': 'application/json' } : {}
  return new Promise((resolve, reject) => {
    const sent = request(url + path, { method, headers: { ...json, ...headers }, agent: false })
    sent.on('error', reject)
    sent.on('response', (response) => {
      const parts: Buffer[] = []
      response.on('error', reject)
      response.on('data', (part: Buffer) => parts.push(part))
      response.on('end', () => {
        const answer = JSON.parse(Buffer.concat(parts).toString()) as { message?: string }
        const { statusCode = 0 } = response
        if (statusCode < 300) resolve(answer as T)
        else reject(new HttpError(statusCode, answer.message ?? ''))
      })
    })
    sent.end(text)
  })
}
