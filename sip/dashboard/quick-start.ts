import type { App, SecretKeys, Settings } from './api.ts'

/** A file of a site, to copy. */
export interface SiteFile {
  readonly name: string
  readonly text: string
}

/** A small site that logs people in: its packages and all of its files. */
export interface QuickStart {
  readonly id: string
  readonly name: string
  /** When to choose it. */
  readonly about: string
  readonly packages: string
  readonly files: (site: Site) => readonly SiteFile[]
}

/** The site that a quick start is for. */
export interface Site {
  readonly app: App
  readonly settings: Settings
  /** The secrets, while the page has them. Without them, their lines have no value. */
  readonly secrets: SecretKeys | undefined
  /** A private key for a site that asks wallets itself, made in the browser: 64 hex digits. */
  readonly ownKey: string
}

export const QUICK_STARTS: readonly [QuickStart, ...QuickStart[]] = [
  {
    id: 'passport',
    name: 'Express and Passport',
    about: 'CivicStrategy beside your other Passport strategies.',
    packages: 'express express-session passport passport-civic-sip',
    files: (site) => [env(site), page(site), { name: 'server.mjs', text: PASSPORT }],
  },
  {
    id: 'node',
    name: 'Node.js alone',
    about: 'CivicClient, for any framework: it verifies a token and exchanges its code.',
    packages: 'passport-civic-sip',
    files: (site) => [env(site), page(site), { name: 'server.mjs', text: NODE }],
  },
  {
    id: 'direct',
    name: 'Express, Direct option',
    about: 'Your site asks the wallet itself. Logins need no SIP, and so no app and no allowed domain.',
    packages: 'express express-session passport passport-civic-sip civic-attestations civic-js',
    files: (site) => [directEnv(site), DIRECT_PAGE, { name: 'server.mjs', text: DIRECT }],
  },
  {
    id: 'civic-sip-api',
    name: 'civic-sip-api, the original client',
    about: 'For a site that already has Civic’s own client. Change to CivicClient when you can.',
    packages: 'civic-sip-api',
    files: (site) => [env(site), page(site), { name: 'server.cjs', text: ORIGINAL }],
  },
]

/** Lines for a site's `.env` file. */
function env({ app: { appId, stage }, settings: { url, api, sipPublicKey }, secrets }: Site): SiteFile {
  return envFile({
    CIVIC_APP_ID: appId,
    CIVIC_APP_SECRET: secrets?.appSecret ?? '',
    CIVIC_PRIVATE_KEY: secrets?.prvKey ?? '',
    CIVIC_API: api,
    CIVIC_ENV: stage,
    CIVIC_SIP_PUBLIC_KEY: sipPublicKey,
    CIVIC_SCRIPT: `${url}/js/civic.sip.min.js`,
  })
}

function directEnv({ settings: { walletUrl, ledger, authorities }, ownKey }: Site): SiteFile {
  return envFile({
    ORIGIN: 'http://localhost:3000',
    CIVIC_PRIVATE_KEY: ownKey,
    CIVIC_WALLET: walletUrl,
    CIVIC_LEDGER: ledger.url,
    CIVIC_AUTHORITIES: authorities.join(','),
  })
}

function envFile(lines: Readonly<Record<string, string>>): SiteFile {
  const text = Object.entries(lines)
    .map(([name, value]) => `${name}=${value}`)
    .join('\n')
  return { name: '.env', text }
}

/** The page of a site that uses a SIP. */
function page({ app: { appId, stage }, settings: { url } }: Site): SiteFile {
  const options = stage === 'prod' ? `{ appId: '${appId}' }` : `{ appId: '${appId}', stage: '${stage}' }`
  return {
    name: 'index.html',
    text: `<!doctype html>
<link rel="stylesheet" href="${url}/css/civic-modal.min.css">
<button id="login" class="civic-button-a medium" type="button"><span>Log in with Civic</span></button>
<script src="${url}/js/civic.sip.min.js"></script>
<script>
  const sip = new civic.sip(${options})
  document.getElementById('login').onclick = () => sip.signup({ scopeRequest: 'BASIC_SIGNUP' })
  sip.on('auth-code-received', async ({ response }) => {
    const login = await fetch('/auth/civic', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ authToken: response }),
    })
    document.body.textContent = await login.text()
  })
</script>`,
  }
}

const PASSPORT = `import express from 'express'
import session from 'express-session'
import passport from 'passport'
import { CivicStrategy } from 'passport-civic-sip'

const { env } = process
const options = {
  appId: env.CIVIC_APP_ID,
  appSecret: env.CIVIC_APP_SECRET,
  prvKey: env.CIVIC_PRIVATE_KEY,
  api: env.CIVIC_API,
  env: env.CIVIC_ENV,
  sipPublicKey: env.CIVIC_SIP_PUBLIC_KEY,
}
passport.use(
  new CivicStrategy(options, (userId, scopeData) => {
    return { id: userId, email: scopeData.value('contact.personal.email') }
  }),
)
passport.serializeUser((user, done) => done(null, user))
passport.deserializeUser((user, done) => done(null, user))

const app = express()
const secret = env.SESSION_SECRET ?? 'for development'
app.use(session({ secret, resave: false, saveUninitialized: false }))
app.use(passport.session())
app.get('/', (req, res) => res.sendFile('index.html', { root: import.meta.dirname }))
app.get('/me', (req, res) => res.json(req.user ?? null))
app.post('/auth/civic', express.json(), passport.authenticate('civic'), (req, res) => res.json(req.user))
const port = env.PORT ?? 3000
app.listen(port, () => console.log(\`http://localhost:\${port}/\`))`

const NODE = `import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { CivicClient } from 'passport-civic-sip'

const { env } = process
const client = new CivicClient({
  appId: env.CIVIC_APP_ID,
  appSecret: env.CIVIC_APP_SECRET,
  prvKey: env.CIVIC_PRIVATE_KEY,
  api: env.CIVIC_API,
  env: env.CIVIC_ENV,
  sipPublicKey: env.CIVIC_SIP_PUBLIC_KEY,
})

async function logIn(req) {
  const { authToken } = JSON.parse(await text(req))
  const { userId, data } = await client.exchangeCode(authToken)
  return { id: userId, email: data.value('contact.personal.email') }
}

const port = env.PORT ?? 3000
createServer((req, res) => {
  // Pages of other sites cannot send JSON here
  const isJson = req.headers['content-type'] === 'application/json'
  if (req.method === 'POST' && req.url === '/auth/civic' && isJson) {
    logIn(req).then(
      (user) => res.setHeader('Content-Type', 'application/json').end(JSON.stringify(user)),
      (error) => res.writeHead(error.status ?? 400).end(error.code),
    )
  } else readFile('index.html').then((page) => res.setHeader('Content-Type', 'text/html').end(page))
}).listen(port, () => console.log(\`http://localhost:\${port}/\`))`

const DIRECT_PAGE: SiteFile = {
  name: 'index.html',
  text: `<!doctype html>
<link rel="stylesheet" href="/civic/css/civic-modal.min.css">
<button id="login" class="civic-button-a medium" type="button"><span>Log in with Civic</span></button>
<script src="/civic/js/civic.sip.min.js"></script>
<script>
  const sip = new civic.sip({ direct: '/civic' })
  document.getElementById('login').onclick = () => sip.signup({ scopeRequest: 'BASIC_SIGNUP' })
  sip.on('auth-code-received', async ({ response }) => {
    const login = await fetch('/auth/civic-direct', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: response,
    })
    if (login.status === 403) sip.retry()
    else document.body.textContent = await login.text()
  })
</script>`,
}

const DIRECT = `import { EsploraLedger } from 'civic-attestations'
import express from 'express'
import session from 'express-session'
import passport from 'passport'
import { CivicDirectStrategy, DirectRequests } from 'passport-civic-sip/direct'

const { env } = process
const direct = new DirectRequests({
  origin: env.ORIGIN,
  mount: '/civic',
  name: 'My site',
  prvKey: env.CIVIC_PRIVATE_KEY,
  walletUrl: env.CIVIC_WALLET,
  ledger: new EsploraLedger(env.CIVIC_LEDGER),
  authorities: env.CIVIC_AUTHORITIES.split(','),
  scopeRequests: ['BASIC_SIGNUP'],
})
passport.use(
  new CivicDirectStrategy(direct, (userId, scopeData) => {
    return { id: userId, email: scopeData.value('contact.personal.email') }
  }),
)
passport.serializeUser((user, done) => done(null, user))
passport.deserializeUser((user, done) => done(null, user))

const app = express()
app.use(direct.routes)
const secret = env.SESSION_SECRET ?? 'for development'
app.use(session({ secret, resave: false, saveUninitialized: false }))
app.use(passport.session())
app.get('/', (req, res) => res.sendFile('index.html', { root: import.meta.dirname }))
app.get('/me', (req, res) => res.json(req.user ?? null))
const logIn = passport.authenticate('civic-direct')
app.post('/auth/civic-direct', express.json(), logIn, (req, res) => res.json(req.user))
app.listen(new URL(env.ORIGIN).port, () => console.log(env.ORIGIN))`

const ORIGINAL = `const { readFileSync } = require('node:fs')
const { createServer } = require('node:http')
const { createRequire } = require('node:module')
const { text } = require('node:stream/consumers')
const { compileFunction } = require('node:vm')

const { env } = process

// The client trusts the key of Civic's own server, a constant in its source. This server's takes its place.
const filename = require.resolve('civic-sip-api')
const source = readFileSync(filename, 'utf8').replace(/049a45998638cfb3[0-9a-f]{114}/, env.CIVIC_SIP_PUBLIC_KEY)
const civicSip = { exports: {} }
const load = compileFunction(source, ['module', 'exports', 'require'], { filename })
load(civicSip, civicSip.exports, createRequire(filename))

const client = civicSip.exports.newClient({
  appId: env.CIVIC_APP_ID,
  appSecret: env.CIVIC_APP_SECRET,
  prvKey: env.CIVIC_PRIVATE_KEY,
  api: env.CIVIC_API,
  env: env.CIVIC_ENV,
})

async function logIn(req) {
  const { authToken } = JSON.parse(await text(req))
  const { userId, data } = await client.exchangeCode(authToken)
  const email = data.find((item) => item.label === 'contact.personal.email' && item.isValid && item.isOwner)
  return { id: userId, email: email?.value }
}

const port = env.PORT ?? 3000
createServer((req, res) => {
  // Pages of other sites cannot send JSON here
  const isJson = req.headers['content-type'] === 'application/json'
  if (req.method === 'POST' && req.url === '/auth/civic' && isJson) {
    logIn(req).then(
      (user) => res.setHeader('Content-Type', 'application/json').end(JSON.stringify(user)),
      () => res.writeHead(401).end('That did not work.'),
    )
  } else res.setHeader('Content-Type', 'text/html').end(readFileSync('index.html'))
}).listen(port, () => console.log(\`http://localhost:\${port}/\`))`
