import { request } from 'node:http'
import { HttpError } from 'civic-sip-server/http'

/** What is sent to the server. */
export interface Asked {
  readonly headers?: Readonly<Record<string, string>>
  /** A text as it is, anything else as JSON. */
  readonly body?: object | string
}

/**
 * Calls the sandbox's server over HTTP, by Node alone: `fetch` is another one, or none, in the DOMs that tests put in
 * place of a browser's, and keeps its connections.
 *
 * @param call the method and the path
 * @throws HttpError with what the server refused
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
