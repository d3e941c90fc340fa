import { createRequire } from 'node:module'
import type { FetchInit, FetchResponse } from './fetch.ts'

type NodeFetch = (url: string, init: FetchInit) => Promise<FetchResponse>

let loading: Promise<NodeFetch> | undefined

/** Node-fetch, which is loaded with the first request: that takes as long as to load the rest of the package. */
export async function nodeFetch(url: string, init: FetchInit): Promise<FetchResponse> {
  /* c8 ignore next -- tsx, by which the tests run, writes a branch into import() */
  loading ??= import('node-fetch').then((module) => module.default as unknown as NodeFetch)
  const fetch = await loading
  // A body that node-fetch is given after the deadline fails with an error event that nobody hears
  init.signal.throwIfAborted()
  return fetch(url, init)
}

/** Whether a site's own fetch is node-fetch; looks it up only when asked. */
export function isNodeFetch(fetch: unknown): boolean {
  const { default: original } = createRequire(import.meta.url)('node-fetch') as { default: unknown }
  return fetch === original
}
