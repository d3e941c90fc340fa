import type { Agent } from 'node:http'

/** The options that this package passes to `fetch`; only node-fetch reads `agent`. */
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

/** A Node stream, which can be destroyed, or a web stream, which can be cancelled. */
export interface ResponseBody extends AsyncIterable<Uint8Array | string> {
  destroy?: () => unknown
  cancel?: () => Promise<unknown>
}

/** Accepts the standard's `fetch`, node-fetch's and undici's. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- each declares its own init and response
export type Fetch = (url: string, init: any) => Promise<any>
