import { Buffer } from 'node:buffer'
import { once } from 'node:events'
import { connect } from 'node:net'
import { performance } from 'node:perf_hooks'

const NOT_FOUND = Buffer.from('GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n')
const BLANK_LINE = Buffer.from('\r\n\r\n')

/** The bytes of a login's post, as a browser sends it from the site's page. */
export function post(token, field = 'authToken') {
  const body = JSON.stringify({ [field]: token })
  return Buffer.from(
    'POST /auth/civic HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: same-origin\r\n' +
      `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  )
}

/**
 * Opens connections and waits until the site has accepted all of them: Node accepts one in each turn of its loop, so
 * the last would wait for the work of many turns. Uses plain sockets, because the machine's cores are shared with the
 * site.
 *
 * @param {number[]} ports ports of 127.0.0.1, which share the connections
 * @param {number} concurrency the number of connections
 */
export async function connectAll(ports, concurrency) {
  const connections = await Promise.all(
    Array.from({ length: concurrency }, (_, index) => open(ports[index % ports.length])),
  )
  await Promise.all(connections.map((send) => send(NOT_FOUND)))
  return connections
}

/** Sends posts over new connections and closes them. Arguments and result as in the two functions that it calls. */
export async function load(ports, posts, { concurrency, expected }) {
  const connections = await connectAll(ports, concurrency)
  const figures = await sendAll(connections, posts, expected)
  for (const send of connections) send.close()
  return figures
}

/**
 * Sends posts over kept connections: on each, the next post follows the last response.
 *
 * @param connections from `connectAll`
 * @param {Buffer[]} posts
 * @param {number} expected the expected status
 * @returns the responses per second, the milliseconds of each, and the share of other statuses
 */
export async function sendAll(connections, posts, expected = 200) {
  const latencies = []
  let next = 0
  let failed = 0
  const started = performance.now()
  await Promise.all(
    connections.map(async (send) => {
      while (next < posts.length) {
        const sent = performance.now()
        const status = await send(posts[next++])
        latencies.push(performance.now() - sent)
        if (status !== expected) failed++
      }
    }),
  )
  const perSecond = (1000 * posts.length) / (performance.now() - started)
  return { perSecond, latencies, failed: failed / posts.length }
}

/** A connection for one request at a time. */
async function open(port) {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  await once(socket, 'connect')
  let received = Buffer.alloc(0)
  let settle
  socket.on('data', (chunk) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk])
    const status = wholeAnswer(received)
    if (status === undefined) return
    received = Buffer.alloc(0)
    settle.resolve(status)
  })
  const lost = () => settle?.reject(new Error('the site closed a connection'))
  socket.on('error', lost)
  socket.on('close', lost)
  const send = (bytes) =>
    new Promise((resolve, reject) => {
      settle = { resolve, reject }
      socket.write(bytes)
    })
  send.close = () => socket.destroy()
  return send
}

/** @returns {number | undefined} the status, once the response is complete */
function wholeAnswer(bytes) {
  const end = bytes.indexOf(BLANK_LINE)
  if (end === -1) return undefined
  const head = bytes.latin1Slice(0, end)
  const length = /\r\ncontent-length: (\d+)/i.exec(head)
  if (!length) throw new Error('a response without Content-Length')
  return bytes.length < end + 4 + Number(length[1]) ? undefined : Number(head.slice(9, 12))
}
