import { request } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http'
import fc from 'fast-check'

/** The routes in a router of Express 5. */
interface Layer {
  readonly route?: { readonly path: string | string[]; readonly methods: Readonly<Record<string, boolean>> }
  readonly handle: { readonly stack?: readonly Layer[] }
}

export interface Route {
  readonly method: string
  /** With its parameters, such as `/payloads/:id`. */
  readonly path: string
}

/** Every route of an Express app, read from its routers, so that a new one is among them. */
export function routesOf(app: { readonly router: unknown }): Route[] {
  const walk = (layers: readonly Layer[]): Route[] =>
    layers.flatMap(({ route, handle }) => {
      if (!route) return walk(handle.stack ?? [])
      const named = Object.keys(route.methods).filter((method) => method !== '_all')
      const methods = named.length > 0 ? named : ['get', 'post', 'put']
      return [route.path]
        .flat()
        .flatMap((path) => methods.map((method) => ({ method: method.toUpperCase(), path })))
    })
  return walk((app.router as { stack: Layer[] }).stack)
}

function nested(depth: number): string {
  return '['.repeat(depth) + ']'.repeat(depth)
}

/** JSON texts that can break parsers: every type, huge numbers, prototypes, depth, invalid Unicode. */
const HOSTILE_JSON: readonly string[] = [
  'null',
  'true',
  '5',
  '-0',
  '1e999',
  '0.1',
  '""',
  '"\\u0000"',
  '"\\ud800"',
  '"__proto__"',
  '"constructor"',
  JSON.stringify('x'.repeat(5000)),
  '[]',
  '[null]',
  '[[], {}, 5]',
  '{}',
  '{"__proto__": {"length": 5}}',
  '{"constructor": {"prototype": null}, "toString": 5, "length": -1}',
  nested(20),
  nested(20_000),
]

/** Text in places of a URL. */
const HOSTILE_PARAMETERS = [
  '__proto__',
  '%00',
  '%E0%A4%A',
  '..%2F..',
  'x'.repeat(2000),
  '1e999',
  '%F0%9F%92%A9',
  'test',
]
const HOSTILE_QUERIES = [
  '',
  '?appId[]=1&appId[__proto__]=2',
  '?returnTo[a][b][c]=1&done[]=2&done[toString]=3',
  '?a=%E0%A4%A&=&',
]
const HOSTILE_LABELS = [
  'application/x-www-form-urlencoded',
  'text/plain',
  'application/json; charset=x',
  'x',
].map((label) => ({ 'Content-Type': label }))
const PLACEHOLDER = '"\u{fffc}"'

interface FuzzRequest {
  readonly method: string
  readonly path: string
  readonly headers: Record<string, string>
  readonly body: string
}

export interface FuzzAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

export interface Material {
  /** A body that is right for the routes of these paths; a route with none gets all of them. */
  readonly bodies: readonly (readonly [path: RegExp, body: object])[]
  /** Right values of the parameters of paths, by name; hostile ones are added. */
  readonly parameters: Readonly<Record<string, readonly string[]>>
  readonly headers: readonly Record<string, string>[]
}

/** Sends a route its right bodies with something hostile in each place, and hostile bodies, paths and headers. */
export async function fuzz(
  url: string,
  route: Route,
  material: Material,
  check: (answer: FuzzAnswer, sent: string) => void,
): Promise<void> {
  await Promise.all(
    requestsTo(route, material).map(async (request) => {
      const answer = await send(url, request)
      check(answer, `${request.method} ${request.path.slice(0, 100)} ${request.body.slice(0, 300)}`)
    }),
  )
}

const JSON_LABEL = { 'Content-Type': 'application/json' }
const MAX_SPOILED = 40
const RANDOM_REQUESTS = 12

/** Deterministic. */
function requestsTo({ method, path }: Route, { bodies, parameters, headers }: Material): FuzzRequest[] {
  const own = bodies.filter(([routes]) => routes.test(path)).map(([, body]) => body)
  const right = own.length > 0 ? own : bodies.map(([, body]) => body)
  const filled = path.replace(/:(\w+)/g, (whole, name: string) => parameters[name]?.[0] ?? whole)
  const labelled = { method, path: filled, headers: { ...JSON_LABEL, ...headers[0] } }
  const spoiled = own.flatMap(spoil)
  const step = Math.ceil(spoiled.length / MAX_SPOILED)
  const texts = [...HOSTILE_JSON, ...right.map((body) => JSON.stringify(body))]
  const systematic = method === 'GET' ? [] : [...texts, ...spoiled.filter((_, index) => index % step === 0)]
  const segments = path.split('/').map((segment) => {
    if (!segment.startsWith(':')) return fc.constant(segment)
    return fc.constantFrom(...(parameters[segment.slice(1)] ?? []), ...HOSTILE_PARAMETERS)
  })
  const random = fc.record({
    parts: fc.tuple(...segments),
    query: fc.constantFrom(...HOSTILE_QUERIES),
    label: fc.constantFrom(JSON_LABEL, ...HOSTILE_LABELS),
    extra: fc.constantFrom(...headers),
    body: fc.oneof(
      fc.constantFrom(...right).map(formOf),
      fc.json({ maxDepth: 3 }),
      fc.constantFrom(...texts),
    ),
  })
  return [
    ...systematic.map((body) => ({ ...labelled, body })),
    ...fc
      .sample(random, { numRuns: RANDOM_REQUESTS, seed: 1 })
      .map(({ parts, query, label, extra, body }) => ({
        method,
        path: parts.join('/') + query,
        headers: { ...label, ...extra },
        body,
      })),
  ]
}

/** The body as JSON, with something hostile in each of its places. */
function spoil(body: object): string[] {
  return placesOf(body).flatMap((place) => {
    const text = JSON.stringify(replaced(body, place))
    return HOSTILE_JSON.map((json) => text.replace(PLACEHOLDER, () => json))
  })
}

type Place = readonly string[]

function placesOf(value: unknown): Place[] {
  if (typeof value !== 'object' || value === null) return [[]]
  return [
    [],
    ...Object.entries(value).flatMap(([key, inner]) => placesOf(inner).map((place) => [key, ...place])),
  ]
}

function replaced(value: unknown, [key, ...rest]: Place): unknown {
  if (key === undefined) return JSON.parse(PLACEHOLDER)
  const inner = replaced((value as Record<string, unknown>)[key], rest)
  return Array.isArray(value) ? value.with(Number(key), inner) : { ...(value as object), [key]: inner }
}

/** Nested as `qs` reads it. */
function formOf(body: object): string {
  const fields = (value: unknown, name: string): string[] =>
    typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([key, inner]) => fields(inner, `${name}[${key}]`))
      : [`${name}=${encodeURIComponent(String(value))}`]
  return Object.entries(body)
    .flatMap(([key, value]) => fields(value, key))
    .join('&')
}

/** The head of an endless response is enough. */
function send(url: string, { method, path, headers, body }: FuzzRequest): Promise<FuzzAnswer> {
  return new Promise((resolve, reject) => {
    const sent = request(url + path, { method, headers, agent: false }, (response) => {
      let text = ''
      const done = (): void => resolve({ status: response.statusCode ?? 0, headers: response.headers, text })
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => (text += chunk))
      response.on('end', done)
      if (response.headers['content-type']?.startsWith('text/event-stream')) {
        response.destroy()
        done()
      }
    })
    sent.on('error', reject)
    sent.end(method === 'GET' ? '' : body)
  })
}
