import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { createInterface } from 'node:readline'

/**
 * Starts a Redis on a free port, without persistence.
 *
 * @returns undefined if redis-server is not installed
 */
export async function startRedis() {
  if (spawnSync('redis-server', ['--version']).error) return undefined
  const port = await freePort()
  const args = ['--port', port, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', tmpdir()]
  const child = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'ignore'] })
  const exited = once(child, 'exit')
  const ready = new Promise((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.includes('Ready to accept connections')) resolve(true)
    })
  })
  if (!(await Promise.race([ready, exited.then(() => false)]))) throw new Error('redis-server did not start')
  const stop = async () => {
    child.kill()
    await exited
  }
  return { url: `redis://127.0.0.1:${port}`, stop }
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}
