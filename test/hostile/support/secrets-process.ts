/**
 * Drives every failure, in a process with NODE_DEBUG on, and prints all that anybody could come to see of it as one
 * JSON object on stdout; what debug prints is on stderr.
 */
import { subscribe } from 'node:diagnostics_channel'
import { inspect } from 'node:util'
import express from 'express'
import type { ErrorRequestHandler, RequestHandler } from 'express'
import passport from 'passport'
import { privateKeyHex, sealPayload } from '../../../lib/crypto.ts'
import { CivicClient, CivicStrategy } from '../../../lib/index.ts'
import type { CivicStrategyOptions } from '../../../lib/index.ts'
import { APP_SECRET, FakeSip, status } from '../../support/sip.ts'
import { outcomesOf, post } from '../../support/drive.ts'
import { rawSip } from './raw-sip.ts'
import { send, serve } from '../../support/http.ts'

export interface Seen {
  /** What must not be seen, by what it is. */
  readonly secrets: Readonly<Record<string, readonly string[]>>
  /** What was seen, by where. */
  readonly texts: Readonly<Record<string, string>>
  readonly failures: number
}

export const PLAINTEXT = 'zoe.plaintext@example.org'
export const REMOTE = 'REMOTE-BODY'
export const SIGNATURE = 'X-Amz-Signature-0123456789abcdef'

const OTHER_SECRET = 'c0ffee00c0ffee00c0ffee00c0ffee00'

const sip = await new FakeSip().start()
const tokens: string[] = []

function token(changes: Record<string, unknown> = {}): string {
  const made = sip.token(changes)
  tokens.push(made)
  return made
}

const texts: Record<string, string> = {}
let failures = 0

const options = {
  ...sip.options,
  passReqToCallback: false as const,
  appSecret: [APP_SECRET, OTHER_SECRET] as const,
}

function look(value: unknown): string {
  return [
    inspect(value, {
      depth: 12,
      showHidden: true,
      getters: true,
      maxArrayLength: null,
      maxStringLength: null,
    }),
    inspect(value, { depth: 12 }),
    JSON.stringify(value),
    typeof value === 'object' && value ? JSON.stringify(value, Object.getOwnPropertyNames(value)) : '',
    String(value),
    value instanceof Error ? `${value.stack ?? ''}\n${look(value.cause)}` : '',
  ].join('\n')
}

subscribe('passport-civic-sip:exchange', (event) => {
  texts['channel'] = (texts['channel'] ?? '') + look(event)
})

async function fail(
  name: string,
  changes: Partial<CivicStrategyOptions>,
  authToken = token(),
): Promise<void> {
  failures++
  const settings = { ...options, retries: 0, timeout: 1500, ...changes, passReqToCallback: false as const }
  const client = new CivicClient(settings)
  const strategy = new CivicStrategy(settings, (userId: string) => ({ userId }))
  const outcomes = await outcomesOf(strategy, post({ authToken }))
  texts[`${name}, from the strategy`] = look(outcomes)
  const again = sip.answers.length > 0 ? token() : authToken
  const error: unknown = await client.exchangeCode(again).catch((thrown: unknown) => thrown)
  texts[`${name}, from the client`] = look(error)
  texts[`${name}, the instances`] = look([client, strategy])
}

function payload(text: string): FakeSip['answers'] {
  return [sip.success({ data: sip.token({ data: sealPayload(text, APP_SECRET) }) })]
}

function stored(answer: FakeSip['answers'][number]): FakeSip['answers'] {
  return [sip.success({ processed: true, data: `${sip.origin}/payload?${SIGNATURE}` }), answer]
}

const answers: Record<string, FakeSip['answers']> = {
  'a page': [(res) => res.end(`<html>${REMOTE}</html>`)],
  'JSON cut': [(res) => res.end(`{"data":"${REMOTE}`)],
  'no userId': [sip.success({ userId: { REMOTE } })],
  plain: [sip.success({ encrypted: false, data: PLAINTEXT })],
  'a data token of another app': [sip.success({ data: sip.dataToken({ sub: REMOTE }) })],
  'no JSON inside': payload(PLAINTEXT),
  'no array inside': payload(JSON.stringify({ email: PLAINTEXT })),
  'another secret': [sip.success({ data: sip.token({ data: sealPayload(PLAINTEXT, 'ab'.repeat(16)) }) })],
  'a strange payload URL': [sip.success({ processed: true, data: `https://evil.example/?${SIGNATURE}` })],
  'a payload URL that is no URL': [sip.success({ processed: true, data: `https://[?${SIGNATURE}` })],
  'storage that fails': stored(status(500)),
  'storage that forbids': stored((res) => res.writeHead(403).end(REMOTE)),
  'storage that redirects': stored((res) => res.writeHead(302, { Location: `/?${SIGNATURE}` }).end()),
  'storage that resets': stored((res) => res.destroy()),
  'storage that says nothing': stored(() => undefined),
  'storage that lies': stored((res) => res.end(REMOTE)),
  'a redirect': [(res) => res.writeHead(307, { Location: `${sip.origin}/${SIGNATURE}` }).end(REMOTE)],
  'a redirect to nowhere': [(res) => res.writeHead(307, { Location: `http://[${SIGNATURE}` }).end(REMOTE)],
  'a reset': [(res) => res.destroy()],
  silence: [() => undefined],
  'an answer cut': [(res) => res.writeHead(200, { 'Content-Length': 99 }).write(REMOTE, () => res.destroy())],
  'an answer too large': [(res) => res.end(REMOTE.repeat(500_000))],
  ...Object.fromEntries(
    [400, 401, 403, 404, 405, 409, 410, 418, 429, 500, 503, 504].map((code) => [`a ${code}`, [status(code)]]),
  ),
}
for (const [name, list] of Object.entries(answers)) {
  // The client and the strategy each get all of them
  sip.answers = [...list, ...list]
  await fail(name, {})
}
sip.answers = payload(PLAINTEXT)
await fail('plain that is no JSON', { allowUnencrypted: true })
sip.answers = [sip.success({ encrypted: false, data: sip.token({ data: PLAINTEXT }) })]
await fail('plain that is text', { allowUnencrypted: true })
sip.answers = []
const closed = await rawSip(() => undefined)
await closed.close()
await fail('a refused connection', { api: closed.api, audience: sip.api })
const garbled = await rawSip((socket) => socket.end(`${REMOTE}\r\n\r\n`))
await fail('no HTTP', { api: garbled.api, audience: sip.api })
await garbled.close()
await fail('a fetch that says too much', {
  fetch: (url: string, init: object) => {
    throw Object.assign(new Error(`${url} ${inspect(init)}`), { code: JSON.stringify(init), url, init })
  },
})
await fail('a store that says too much', {
  replayStore: {
    consume: (key) => Promise.reject(Object.assign(new Error(key), { command: { args: [key, APP_SECRET] } })),
    release: () => Promise.resolve(),
  },
})
for (const changes of [{ sub: 'x' }, { exp: 1 }, { data: 'x' }, { jti: 1 }])
  await fail(`a token with ${JSON.stringify(changes)}`, {}, token(changes))
await fail('a token that is rubbish', {}, `${token()}.x`)
await fail('a token too long', { maxTokenLength: 10 })

const wrong: Record<string, unknown>[] = [
  { appSecret: `${APP_SECRET}0` },
  { appSecret: [APP_SECRET, `${OTHER_SECRET}0`] },
  { prvKey: `${privateKeyHex(sip.app.privateKey)}ffff` },
  { prvKey: { ...sip.app.privateKey.export({ format: 'jwk' }), crv: 'P-384' } },
  {
    prvKey: sip.app.privateKey
      .export({ format: 'pem', type: 'pkcs8' })
      .toString()
      .replace('BEGIN PRIVATE', 'BEGIN'),
  },
  { sipPublicKey: privateKeyHex(sip.app.privateKey) },
  { sipPublicKey: sip.app.privateKey },
  { timeout: APP_SECRET },
]
for (const [at, changes] of wrong.entries()) {
  failures++
  try {
    new CivicClient({ ...options, ...changes })
    texts[`wrong option ${at}`] = 'accepted'
  } catch (error) {
    texts[`wrong option ${at}`] = look(error)
  }
}

const client = new CivicClient(options)
const verified = client.verifyAuthCode(token())
texts['a verified code'] = look([verified, client]).replaceAll(verified.data.codeToken, '')

/** Requests as an app logs them, with what the person posted taken out: that is the app's own. */
const requests: Record<string, FakeSip['answers']> = {
  login: [],
  failure: [status(500)],
  refusal: [status(400)],
}
const auth = new passport.Passport()
auth.use(new CivicStrategy({ ...options, retries: 0 }, (userId: string) => ({ userId })) as passport.Strategy)
const app = express()
const logRequest: ErrorRequestHandler & RequestHandler = (...args: unknown[]) => {
  const [req, res] = args.slice(-3) as [express.Request, express.Response]
  delete (req as { body?: unknown }).body
  texts[`a request, ${req.url}`] = inspect(req, { depth: 12 }) + inspect(req, { depth: 12, showHidden: true })
  res.end()
}
app.use(express.json(), auth.initialize() as RequestHandler)
app.post('/:name', auth.authenticate('civic', { session: false, failWithError: true }) as RequestHandler)
app.use((req, res, next) => logRequest(req, res, next))
app.use(((_error, req, res, next) => logRequest(req, res, next)) as ErrorRequestHandler)
const site = await serve(app)
for (const [name, list] of Object.entries(requests)) {
  sip.answers = list
  const headers = { 'Content-Type': 'application/json', 'Sec-Fetch-Site': 'same-origin' }
  await send(site.port, {
    path: `/${name}`,
    method: 'POST',
    headers,
    body: JSON.stringify({ authToken: token() }),
  })
}
await site.close()
await sip.stop()

function spellings(hex: string): string[] {
  const bytes = Buffer.from(hex, 'hex')
  const printed = inspect(bytes).slice('<Buffer '.length, 50)
  return [hex, bytes.toString('base64').replace(/=+$/, ''), bytes.toString('base64url'), printed]
}

const authorizations = sip.exchanges.flatMap(({ req }) => req.headers.authorization ?? [])
const seen: Seen = {
  secrets: {
    appSecret: [APP_SECRET, OTHER_SECRET].flatMap(spellings),
    prvKey: spellings(privateKeyHex(sip.app.privateKey)),
    'an authorization code token': tokens.flatMap((text) => [text, text.split('.')[2]!]),
    'a code': tokens.flatMap((text) => {
      const claims = JSON.parse(Buffer.from(text.split('.')[1]!, 'base64url').toString()) as {
        data?: { codeToken?: string }
      }
      return claims.data?.codeToken ?? []
    }),
    'a request token': authorizations.map((header) => header.slice('Civic '.length, header.lastIndexOf('.'))),
    'a request extension': authorizations.map((header) => header.slice(header.lastIndexOf('.') + 1)),
    plaintext: [PLAINTEXT],
    'a payload URL': [SIGNATURE],
    'a remote body': [REMOTE],
  },
  texts,
  failures,
}
process.stdout.write(JSON.stringify(seen))
