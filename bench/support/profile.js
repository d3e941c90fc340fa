import { URL } from 'node:url'

const BENCH = new URL('..', import.meta.url).href

/** The groups of functions by URL; the first match counts. */
const GROUPS = [
  [/\/node_modules\/(?:node-fetch|fetch-blob|formdata-polyfill|data-uri-to-buffer)\//, 'node-fetch'],
  [/\/node_modules\/undici\//, 'undici'],
  [/\/node_modules\/(?:jsonwebtoken|jws|jwa|lodash\.\w+|ecdsa-sig-formatter|safe-buffer)\//, 'jsonwebtoken'],
  [/\/node_modules\//, 'Express and Passport'],
  [/^node:internal\/crypto/, 'node:crypto'],
  [/^node:internal\/webstreams/, "Node's web streams"],
  [/^node:(?:internal\/)?streams?/, "Node's streams"],
  [/^node:(?:_http|http|net|internal\/(?:net|http|stream_base))/, "Node's http and net"],
  [/^node:internal\/(?:event_target|abort_controller)/, "Node's AbortSignal and EventTarget"],
  [/^node:/, 'the rest of Node'],
  [/^file:/, 'passport-civic-sip'],
]

function groupOf({ url, functionName }) {
  if (functionName === '(idle)') return undefined
  if (functionName === '(garbage collector)') return 'garbage collection'
  if (url.startsWith(BENCH) && !url.includes('/node_modules/')) return 'the bench'
  return GROUPS.find(([pattern]) => pattern.test(url))?.[1] ?? 'native code: OpenSSL, sockets, JSON, base64'
}

/**
 * The busy time in a V8 profile, by the package whose function was running.
 *
 * @returns {Record<string, number>} shares that add up to 1
 */
export function byPackage({ nodes, samples, timeDeltas }) {
  const groups = new Map(nodes.map(({ id, callFrame }) => [id, groupOf(callFrame)]))
  const times = {}
  let total = 0
  samples.forEach((id, index) => {
    const group = groups.get(id)
    if (group === undefined) return
    times[group] = (times[group] ?? 0) + timeDeltas[index]
    total += timeDeltas[index]
  })
  return Object.fromEntries(Object.entries(times).map(([group, time]) => [group, time / total]))
}
