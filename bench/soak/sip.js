/** The SIP of the soak: a sandbox, with a proxy that makes some of its responses fail. Runs as a separate process. */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, request } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { URL } from 'node:url'
import { createSandbox } from 'civic-sip-sandbox'
import { serve } from '../support/child.js'
import { FAULTS } from './faults.js'

export const idOf = (authToken) => createHash('sha256').update(authToken).digest('base64')

let sandbox
let every
let exchanges = 0
/** Each token's person, once a complete, genuine response has been sent. */
const delivered = new Map()
const faults = Object.fromEntries(FAULTS.map(({ name }) => [name, 0]))

/** @returns the sandbox's response to the same request */
async function forward(req, body) {
  const { method, url, headers } = req
  const onward = request(new URL(url, sandbox.url), {
    method,
    agent: false,
    headers: { ...headers, host: new URL(sandbox.url).host },
  })
  onward.end(body)
  const [answer] = await once(onward, 'response')
  return { status: answer.statusCode, headers: answer.headers, body: await buffer(answer) }
}

async function handle(req, res) {
  const body = await buffer(req)
  const number = exchanges++
  if (number % every === every - 1) {
    const fault = FAULTS[Math.floor(number / every) % FAULTS.length]
    faults[fault.name]++
    const genuine = fault.forwards ? await forward(req, body) : undefined
    fault.answer(res, genuine?.body)
    return
  }
  const answer = await forward(req, body)
  if (answer.status === 200) {
    const id = idOf(JSON.parse(body).authToken)
    res.once('finish', () => delivered.set(id, JSON.parse(answer.body).userId))
  }
  res.writeHead(answer.status, { 'Content-Type': answer.headers['content-type'] }).end(answer.body)
}

// The sender of the request is gone
const front = createServer((req, res) => handle(req, res).catch(() => res.destroy()))

serve({
  async setup(options) {
    every = options.every
    sandbox = await createSandbox()
    front.listen(0, '127.0.0.1')
    await once(front, 'listening')
    const civic = sandbox.strategyOptions()
    const api = `http://127.0.0.1:${front.address().port}/sip/`
    return { civic: { ...civic, api, audience: civic.api }, scriptUrl: `${sandbox.url}/js/civic.sip.min.js` }
  },
  /** Tokens for `count` of the soak's people, starting from one of them. */
  async tokens({ from, count, people }) {
    const tokens = []
    for (let number = from; number < from + count; number++) {
      // Attestations are expensive for the sandbox, so most people log in without any
      const scopeRequest = number % 10 === 0 ? 'BASIC_LOGIN' : 'ANONYMOUS_LOGIN'
      const token = await sandbox.authCode({ user: { id: `soak-${number % people}` }, scopeRequest })
      tokens.push({ token, id: idOf(token) })
    }
    return tokens
  },
  ledger: () => ({ delivered, faults, exchanges }),
})
