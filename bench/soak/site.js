/** The site of the soak: the example, unchanged. Runs as a separate process, with --expose-gc. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import process from 'node:process'
import { MemoryReplayStore } from 'passport-civic-sip'
import { createSite } from '../../example/dist/app.js'
import { serve } from '../support/child.js'

let site
let store = new MemoryReplayStore()
let logged = 0
// Counted separately, because the keys, which live as long as their tokens, are not a leak
const replayStore = {
  consume: (key, ttlMs) => store.consume(key, ttlMs),
  release: (key) => store.release(key),
}
const server = createServer((req, res) => site.app(req, res))

serve({
  async setup({ civic, scriptUrl }) {
    site = await createSite({
      civic: { ...civic, replayStore },
      scriptUrl,
      database: process.env.DATABASE_URL ?? 'memory://',
      sessionSecrets: ['a secret for the soak, of 32 characters'],
      loginsPerMinute: 1e9,
      log: () => logged++,
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return server.address().port
  },
  state() {
    globalThis.gc()
    const sockets = process.getActiveResourcesInfo().filter((kind) => /^TCPSocket|^TLS/.test(kind))
    return { heap: process.memoryUsage().heapUsed, sockets: sockets.length, keys: store.size, logged }
  },
  forgetKeys() {
    store = new MemoryReplayStore()
  },
  async close() {
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    await closed
    await site.close()
  },
})
