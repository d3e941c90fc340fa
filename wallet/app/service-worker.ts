/** The parts of a service worker's scope that this file uses. */
interface Scope {
  readonly location: Location
  readonly clients: { claim: () => Promise<void> }
  skipWaiting: () => Promise<void>
  addEventListener: (
    name: 'install' | 'activate' | 'fetch' | 'message',
    act: (event: ScopeEvent) => void,
  ) => void
}

interface ScopeEvent {
  readonly request: Request
  readonly data: unknown
  waitUntil: (work: Promise<unknown>) => void
  respondWith: (response: Promise<Response>) => void
}

/** The build inserts the hash of the files. */
const CACHE = 'civic-wallet __VERSION__'
const SHELL = [
  './',
  'wallet.css',
  'wallet.js',
  'worker.js',
  'manifest.webmanifest',
  'icon.svg',
  'icon-192.png',
]
const CONFIG = 'config.json'
const scope = globalThis as unknown as Scope
const addresses = new Set(SHELL.map(addressOf))

// The page starts without a network, and the person decides when to update. Responses of other servers are never
// cached.
scope.addEventListener('install', (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll([...SHELL, CONFIG])))
})
scope.addEventListener('activate', (event) => {
  event.waitUntil(forgetOthers().then(() => scope.clients.claim()))
})
scope.addEventListener('message', (event) => {
  if (event.data === 'take') event.waitUntil(scope.skipWaiting())
})
scope.addEventListener('fetch', (event) => {
  const { request } = event
  if (request.method !== 'GET') return
  // Without query and fragment: a request's link is in the fragment, and the page is the same
  const { origin, pathname } = new URL(request.url)
  const address = origin + pathname
  if (addresses.has(address)) event.respondWith(kept(address, request))
  else if (address === addressOf(CONFIG)) event.respondWith(newest(request))
})

async function kept(address: string, request: Request): Promise<Response> {
  return (await caches.match(address, { cacheName: CACHE })) ?? fetch(request)
}

/** The operator's current configuration; without a network, the cached one. */
async function newest(request: Request): Promise<Response> {
  try {
    const response = await fetch(request)
    if (response.ok) await (await caches.open(CACHE)).put(request, response.clone())
    return response
  } catch (error) {
    const before = await caches.match(request, { cacheName: CACHE })
    if (before) return before
    throw error
  }
}

async function forgetOthers(): Promise<void> {
  const names = await caches.keys()
  await Promise.all(
    names
      .filter((name) => name.startsWith('civic-wallet ') && name !== CACHE)
      .map((name) => caches.delete(name)),
  )
}

function addressOf(file: string): string {
  return new URL(file, scope.location.href).href
}
