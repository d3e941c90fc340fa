import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { performance } from 'node:perf_hooks'
import { text } from 'node:stream/consumers'
import { URLSearchParams } from 'node:url'

const HUNG_MS = 60_000
const OWN = { Accept: 'application/json', 'Sec-Fetch-Site': 'same-origin' }

/**
 * Logs people in, several at once, and records the outcomes.
 *
 * @param {number} port the site's port
 * @param {number} concurrency
 * @param {{ token: string, id: string }[]} tokens
 * @returns one outcome for each: the token's id, the status (0 if it hung), the milliseconds until the response, the
 *   code of an error and, after a login, the identities in the account that its session opens
 */
export async function logIn(port, concurrency, tokens) {
  const agent = new Agent({ keepAlive: true, maxSockets: concurrency })
  const outcomes = []
  let next = 0

  async function send(path, method, headers, body) {
    const req = request({ port, host: '127.0.0.1', path, method, agent, headers: { ...OWN, ...headers } })
    req.end(body)
    const [res] = await once(req, 'response', { signal: globalThis.AbortSignal.timeout(HUNG_MS) })
    return {
      status: res.statusCode,
      cookie: res.headers['set-cookie']?.[0]?.split(';')[0],
      body: await text(res),
    }
  }

  async function one({ token, id }) {
    const form = new URLSearchParams({ authToken: token }).toString()
    const started = performance.now()
    const type = { 'Content-Type': 'application/x-www-form-urlencoded', 'Content-Length': form.length }
    const login = await send('/auth/civic', 'POST', type, form)
    const outcome = { id, status: login.status, ms: performance.now() - started }
    if (login.status !== 200) return { ...outcome, code: JSON.parse(login.body).error }
    const session = { Cookie: login.cookie }
    const account = await send('/account', 'GET', session)
    await send('/logout', 'POST', session)
    return { ...outcome, identities: JSON.parse(account.body).identities.map(({ userId }) => userId) }
  }

  const worker = async () => {
    for (let token = tokens[next++]; token; token = tokens[next++]) {
      const hung = (error) => ({ id: token.id, status: 0, ms: HUNG_MS, code: error.name })
      outcomes.push(await one(token).catch(hung))
    }
  }
  await Promise.all(Array.from({ length: concurrency }, worker))
  agent.destroy()
  return outcomes
}
