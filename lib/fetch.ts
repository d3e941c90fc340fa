import type { Agent } from 'node:http'

/** What any `fetch` with the standard's signature is called with here; `agent` is node-fetch's own. */
export interface FetchInit {
  method: string
  headers: Record<string, string>
  body?: string
  redirect: 'error'
  signal: AbortSignal
  agent: Agent | ((url: URL) => Agent)
}

/** The part of a standard Response that is read. */
export interface FetchResponse {
  readonly status: number
  readonly redirected: boolean
  readonly headers: { get(name: string): string | null }
  readonly body: ResponseBody | null
}

/** A stream of Node's, which can be destroyed, or of the web's, which can be cancelled. */
export interface ResponseBody extends AsyncIterable<Uint8Array | string> {
  destroy?: () => unknown
  cancel?: () => Promise<unknown>
}

/** Takes the standard's `fetch`, node-fetch's and undici's alike. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- each declares its own init and response
export type Fetch = (url: string, init: any) => Promise<any>
