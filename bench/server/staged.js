/**
 * Logs people in step by step, all of them at each step, so that the wallets' own work, which the people's phones do,
 * takes no time from the server's.
 */
import { randomBytes } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import { Wallet } from 'civic-wallet'
import { CivicClient } from 'passport-civic-sip'
import { Agent, buildConnector, request } from 'undici'
import { AskingPage } from '../../test/support/through-proxy.ts'
import { SITE } from './stage.js'

const WALLETS = 16

/**
 * @param {Awaited<ReturnType<import('./stage.js').startServers>>} servers
 * @param {{ count: number, concurrency: number }} size
 * @returns milliseconds that the server's steps took in all, and milliseconds of its processor time in them
 */
export async function stagedLogins(servers, { count, concurrency }) {
  const { url, ports, apps, sipPublicKey } = servers
  const connect = buildConnector({})
  let next = 0
  const agent = new Agent({
    connections: concurrency,
    connect: (options, callback) =>
      connect({ ...options, hostname: '127.0.0.1', port: String(ports[next++ % ports.length]) }, callback),
  })
  const send = sender(agent)
  const wallets = Array.from({ length: WALLETS }, () => heldWallet(url, send))
  const clients = apps.map(
    (app) => new CivicClient({ ...app, api: `${url}/sip/`, sipPublicKey, fetch: send, retries: 0 }),
  )
  const logins = Array.from({ length: count }, (_, at) => ({
    page: new AskingPage(send, url, SITE),
    app: apps[at % apps.length],
    client: clients[at % apps.length],
    ...wallets[at % WALLETS],
  }))
  let ms = 0
  let cpu = 0
  const all = (step) => inParallel(logins, concurrency, step)
  const measured = async (step) => {
    const [cpuBefore, started] = [await servers.cpu(), performance.now()]
    await all(step)
    ms += performance.now() - started
    cpu += (await servers.cpu()) - cpuBefore
  }
  try {
    await measured(async (login) => {
      login.link = await login.page.ask(login.app.appId, 'ANONYMOUS_LOGIN')
      login.callback = callbackIn(login.link)
    })
    await measured(async ({ callback, canned }) => canned.set(callback, await send(callback)))
    await all(async (login) => {
      login.request = await login.wallet.read(login.link)
      login.canned.set(login.callback, 'seals')
      await login.wallet.approve(login.request).catch(() => undefined)
      login.canned.delete(login.callback)
    })
    await measured(async (login) => ({ confirm: login.confirm } = await login.wallet.approve(login.request)))
    await measured(({ page, confirm }) => page.confirm(confirm))
    await measured(async (login) => ({ authResponse: login.token } = await login.page.poll()))
    await measured(({ client, token }) => client.exchangeCode(token))
    return { ms, cpu }
  } finally {
    await agent.close()
  }
}

/** Calls the server as a fetch does, for less processor time. */
function sender(dispatcher) {
  let calls = 0
  return async (url, { method = 'GET', headers = {}, body } = {}) => {
    const at = calls++ % 60_000
    const address = `10.${at % 200}.${(at >> 8) % 200}.1`
    const {
      statusCode,
      headers: received,
      body: stream,
    } = await request(url, {
      method,
      headers: {
        ...(body instanceof globalThis.URLSearchParams && {
          'content-type': 'application/x-www-form-urlencoded',
        }),
        ...headers,
        'X-Forwarded-For': address,
      },
      body: body?.toString(),
      dispatcher,
    })
    return new globalThis.Response(await stream.text(), { status: statusCode, headers: flat(received) })
  }
}

function flat(headers) {
  return Object.entries(headers).flatMap(([name, value]) => [value].flat().map((one) => [name, one]))
}

/** A wallet that reads what was fetched before, and whose first response is held back: the next one sends it. */
function heldWallet(url, send) {
  const canned = new Map()
  const fetch = async (address, init) => {
    const held = canned.get(String(address))
    if (held === 'seals') return new globalThis.Response('{}', { status: 503 })
    return held?.clone() ?? send(address, init)
  }
  return {
    canned,
    wallet: new Wallet({ seed: randomBytes(32), trustedSips: [url], fetch, allowPrivate: true }),
  }
}

/** A link is the wallet's address, and behind `#` where to fetch the request. */
function callbackIn(link) {
  return link.slice(link.indexOf('#') + 1)
}

export async function inParallel(items, concurrency, step) {
  const left = items.values()
  const worker = async () => {
    for (const item of left) await step(item)
  }
  await Promise.all(Array.from({ length: concurrency }, worker))
}
