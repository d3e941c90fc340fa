/** Part 4: the CPU cost of rejecting invalid tokens, and of sending them. */
import { Buffer } from 'node:buffer'
import { randomBytes, randomUUID } from 'node:crypto'
import { Agent, request } from 'node:http'
import { CivicStrategy } from 'passport-civic-sip'
import { clientOptions, createFixture, createSigner } from '../support/fixture.js'
import { number, target, whole } from '../support/format.js'
import { load, post } from '../support/load.js'
import { cpu, median } from '../support/measure.js'
import { startSites } from '../support/sites.js'

const API = 'https://sip.example.org/sip/'
/** The number of different signed tokens and claims; each is sent many times. */
const MADE = 500

const RANDOM = 'no token but random text'
const FORGED = 'right claims, random signature'

const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')

/** Kinds of invalid tokens: a name, the code of the refusal, and a function for the n-th token. */
function kinds(signer) {
  const [header, claims, signature] = signer.codeToken().split('.')
  const bytes = (length) => randomBytes(length).toString('base64url')
  const made = (make) => {
    const tokens = Array.from({ length: MADE }, make)
    return (index) => tokens[index % MADE]
  }
  const fresh = made(() => encode({ ...JSON.parse(Buffer.from(claims, 'base64url')), jti: randomUUID() }))
  const signed = (changes) => made(() => signer.codeToken(changes))
  const now = Date.now() / 1000
  return [
    [
      'a megabyte of text',
      'CIVIC_TOKEN_MALFORMED',
      (
        (text) => () =>
          text
      )('a'.repeat(1 << 20)),
    ],
    [RANDOM, 'CIVIC_TOKEN_INVALID', () => bytes(400)],
    ['three parts of random bytes', 'CIVIC_TOKEN_INVALID', () => `${bytes(27)}.${bytes(250)}.${bytes(64)}`],
    ['8,000 characters of nested JSON', 'CIVIC_TOKEN_INVALID', nested(header, signature)],
    ['alg none', 'CIVIC_TOKEN_INVALID', (index) => `${encode({ alg: 'none', typ: 'JWT' })}.${fresh(index)}.`],
    [
      'signature of another length',
      'CIVIC_TOKEN_INVALID',
      (index) => `${header}.${fresh(index)}.${bytes(70)}`,
    ],
    ["genuine, another app's", 'CIVIC_TOKEN_INVALID', signed({ sub: 'another12' })],
    ['genuine, expired', 'CIVIC_TOKEN_EXPIRED', signed({ iat: now - 4000, exp: now - 2000 })],
    [FORGED, 'CIVIC_TOKEN_INVALID', (index) => `${header}.${fresh(index)}.${bytes(64)}`],
  ]
}

function nested(header, signature) {
  const body = Buffer.from(`{"a":${'['.repeat(2900)}${']'.repeat(2900)}}`).toString('base64url')
  return () => `${header}.${body}.${signature}`
}

/** Microseconds of processor time for each of `count` refusals, by the strategy without a server. */
async function refuse(strategy, code, token, count) {
  const batches = []
  const size = Math.min(count, 1000)
  for (let done = 0; done < count; done += size) {
    const requests = Array.from({ length: size }, (_, index) => ({
      method: 'POST',
      headers: { 'sec-fetch-site': 'same-origin' },
      body: { authToken: token(done + index) },
    }))
    const before = cpu()
    const codes = await Promise.all(requests.map((req) => outcome(strategy, req)))
    batches.push((cpu() - before) / size)
    if (!codes.every((given) => given === code)) throw new Error(`not every token was refused with ${code}`)
  }
  return median(batches)
}

const outcome = (strategy, req) =>
  new Promise((resolve, reject) => {
    const actions = { success: reject, error: reject, fail: (challenge) => resolve(challenge.code) }
    Object.assign(Object.create(strategy), actions).authenticate(req)
  })

export async function refusal({ isShort }) {
  const fixture = createFixture()
  const signer = createSigner(fixture, API)
  let sent = 0
  const fetch = () => Promise.reject(new Error(`request ${++sent}`))
  const strategy = new CivicStrategy({ ...clientOptions(fixture, API), fetch }, () => false)
  const count = isShort ? 500 : 20_000
  const rows = []
  const alone = {}
  for (const [name, code, token] of kinds(signer)) {
    alone[name] = await refuse(strategy, code, token, count)
    rows.push([name, code, micros(alone[name])])
  }
  if (sent > 0) throw new Error(`${sent} bad tokens caused a request to SIP`)
  const { table, toSender } = await attack(alone, isShort)
  return {
    title: 'Rejecting invalid tokens',
    text: `${whole(count)} bad tokens of each kind through \`CivicStrategy\`, none of
      which caused a request: the processor time of one (the median of batches of 1,000). Genuine tokens and
      claims repeat after ${MADE}. Below, the same over HTTP: the CPU that a refused post costs the site, including
      Express, and the sender.`,
    tables: [{ head: ['kind', 'code', 'CPU'], rows }, table],
    targets: [target("forged post, the strategy's CPU to its sender's", toSender, { atMost: 1 }, '×')],
    headline: `a forged token: refused after ${micros(alone[FORGED])} with no request to SIP`,
  }
}

/** What one post costs the site and its sender, for each kind of invalid token. */
async function attack(alone, isShort) {
  const { sites, codeTokens, stop } = await startSites(['ours, node-fetch', 'passport-civic'])
  const [ours, peer] = sites
  const count = isShort ? 50 : 600
  const forge = (token) =>
    `${token.slice(0, token.lastIndexOf('.'))}.${randomBytes(64).toString('base64url')}`
  const forged = codeTokens(count).map(forge)
  const random = Array.from({ length: count }, () => randomBytes(400).toString('base64url'))
  try {
    const rows = []
    let toSender
    for (const [name, tokens] of [
      [RANDOM, random],
      [FORGED, forged],
    ]) {
      const posts = tokens.map((token) => post(token))
      const options = { concurrency: 16, expected: 401 }
      const bytes = await costs(ours, count, () => load([ours.ready.port], posts, options))
      const http = await costs(ours, count, () => postAll(ours.ready.port, tokens))
      if (bytes.failed + http.failed > 0) throw new Error('a bad token was not refused with 401')
      toSender = alone[name] / http.sender
      rows.push([name, ...[alone[name], bytes.site, http.sender, bytes.sender].map(micros)])
    }
    const few = isShort ? 3 : 20
    const posts = forged.slice(0, few).map((token) => post(token, 'civic_jwt_token'))
    // The bench's SIP responds to anything; sometimes passport-civic itself makes a wrong signature
    const { site } = await costs(peer, few, () => load([peer.ready.port], posts, { concurrency: 1 }))
    rows.push(['the same, to passport-civic, which asks SIP about it', '', micros(site), '', ''])
    const head = [
      'one post of',
      'costs the strategy',
      'the whole site',
      "the sender, with Node's http",
      'the sender, with bytes made in advance',
    ]
    return { table: { head, rows }, toSender }
  } finally {
    await stop()
  }
}

const micros = (value) => `${number(value)} µs`

/**
 * Microseconds of processor time of the site and of this process for each of `count` posts, and the share that failed.
 */
async function costs(site, count, send) {
  const before = { site: await site.call('cpu'), sender: cpu() }
  const { failed } = await send()
  const sender = (cpu() - before.sender) / count
  return { site: ((await site.call('cpu')) - before.site) / count, sender, failed }
}

/** Posts as a simple script would. */
async function postAll(port, tokens) {
  const agent = new Agent({ keepAlive: true, maxSockets: 16 })
  const headers = { 'Content-Type': 'application/json', 'Sec-Fetch-Site': 'same-origin' }
  const options = { port, host: '127.0.0.1', path: '/auth/civic', method: 'POST', agent, headers }
  let failed = 0
  const send = (token) =>
    new Promise((resolve, reject) => {
      const posted = request(options, (response) => {
        if (response.statusCode !== 401) failed++
        response.resume()
        response.on('end', resolve)
      })
      posted.on('error', reject)
      posted.end(JSON.stringify({ authToken: token }))
    })
  await Promise.all(tokens.map(send))
  agent.destroy()
  return { failed: failed / tokens.length }
}
