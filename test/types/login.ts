// What a program in TypeScript does with all three packages. Compiled here with this repository's TypeScript, and
// by `npm run test:package` with others, where it is also run: it prints what it found.
import { generateKeyPairSync } from 'node:crypto'
import { verifyOffline } from 'civic-attestations'
import type { AttestationErrorCode } from 'civic-attestations'
import { createSandbox } from 'civic-sip-sandbox'
import type { Fault, Sandbox } from 'civic-sip-sandbox'
import type { UserData } from 'passport-civic-sip'
import {
  CivicClient,
  CivicError,
  CivicStrategy,
  MemoryReplayStore,
  RedisReplayStore,
  ScopeRequests,
  toProfile,
} from 'passport-civic-sip'
import type {
  CivicErrorCode,
  CivicStrategyOptions,
  Profile,
  RequestLike,
  ReplayStore,
} from 'passport-civic-sip'
import { privateKey, publicKeyHex, signToken } from 'passport-civic-sip/crypto'
import { Labels, scopeLabels } from 'passport-civic-sip/user-data'

interface Account {
  id: string
  email: string | undefined
}

function toAccount(userId: string, data: UserData): Account {
  const email = data.value(Labels.EMAIL)
  return { id: userId, email: typeof email === 'string' ? email : undefined }
}

/** What Passport does with a strategy, for one request. */
function authenticate(strategy: CivicStrategy<Account>, req: RequestLike): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const one = Object.create(strategy) as CivicStrategy<Account>
    one.success = resolve
    one.fail = resolve
    one.error = reject
    one.authenticate(req)
  })
}

const sandbox: Sandbox = await createSandbox()
const credentials = sandbox.strategyOptions()
const options: CivicStrategyOptions = { ...credentials, name: 'civic' }
const store: ReplayStore = new MemoryReplayStore({ max: 1000 })
const token = await sandbox.authCode({ user: { email: 'zoe@example.org' } })

// Every way to give a verify callback
const strategies = [
  new CivicStrategy<Account>(sandbox.strategyOptions(), (id, data, done) => done(null, toAccount(id, data))),
  new CivicStrategy<Account>(sandbox.strategyOptions(), (id, data) => toAccount(id, data)),
  new CivicStrategy<Account>(sandbox.strategyOptions(), async (id, data) => {
    await store.consume(id, 1)
    return { user: toAccount(id, data), info: { isNew: true } }
  }),
  new CivicStrategy<Account>(
    { ...sandbox.strategyOptions(), passReqToCallback: true },
    (req, id, data, done) => {
      done(null, req.body === undefined ? false : toAccount(id, data))
    },
  ),
  new CivicStrategy<Account>(
    () => Promise.resolve(sandbox.strategyOptions()),
    (id, data) => toAccount(id, data),
  ),
] as const
const user = await authenticate(strategies[0], { method: 'POST', headers: {}, body: { authToken: token } })

const client = new CivicClient({ ...options, prvKey: [credentials.prvKey], clockTolerance: 30 })
const verified = client.verifyAuthCode(await sandbox.authCode())
const { userId, data } = await client.exchangeCode(verified)
const profile: Profile = toProfile(userId, data)

const fault: Fault = { status: 503 }
sandbox.fault(fault)
const code: CivicErrorCode | undefined = await client
  .exchangeCode(await sandbox.authCode())
  .then(() => undefined)
  .catch((error: unknown) => (error instanceof CivicError ? error.code : undefined))

let reason: AttestationErrorCode | undefined
try {
  verifyOffline({})
} catch (error) {
  reason = (error as { code: AttestationErrorCode }).code
}

const { privateKey: key } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const keys = new Set<unknown>()
const redis = {
  sendCommand: ([, key]: string[]): Promise<unknown> =>
    Promise.resolve(keys.has(key) ? null : (keys.add(key), 'OK')),
}
console.log(
  JSON.stringify({
    user: (user as Account).email,
    email: profile.emails?.[0]?.value,
    code,
    reason,
    parts: signToken({ iss: 'a', aud: 'b', sub: 'c', iat: 0, exp: 1 }, privateKey(key)).split('.').length,
    digits: publicKeyHex(key).length,
    labels: scopeLabels(ScopeRequests.BASIC_SIGNUP),
    first: await new RedisReplayStore(redis).consume('key', 1),
  }),
)
await sandbox.close()
