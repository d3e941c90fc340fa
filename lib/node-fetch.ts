import { createRequire } from 'node:module'
import type { FetchInit, FetchResponse } from './fetch.ts'

type NodeFetch = (url: string, init: FetchInit) => Promise<FetchResponse>

let loading: Promise<NodeFetch> | undefined

/** Loads node-fetch with the first request: that takes as long as the rest of the package. */
export async function nodeFetch(url: string, init: FetchInit): Promise<FetchResponse> {
  /* c8 ignore next -- tsx, which runs the tests, compiles import() to a branch */
  loading ??= import('node-fetch').then((module) => module.default as unknown as NodeFetch)
  const fetch = await loading
  // A body that node-fetch gets after the deadline fails with an error event that nobody handles
  init.signal.throwIfAborted()
  return fetch(url, init)
}

/** Whether a site's own fetch is node-fetch. */
export function isNodeFetch(fetch: unknown): boolean {
  const { default: original } = createRequire(import.meta.url)('node-fetch') as { default: unknown }
  return fetch === original
}
