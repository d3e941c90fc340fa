// What the types refuse. Compiled, never run: each `@ts-expect-error` fails the build if the line under it compiles.
/* eslint-disable @typescript-eslint/no-unsafe-call --
   the lines that must not compile are unsafe */
import { createSandbox } from 'civic-sip-sandbox'
import { CivicClient, CivicError, CivicStrategy, MemoryReplayStore, toProfile } from 'passport-civic-sip'
import type { UserData } from 'passport-civic-sip'
import { signToken } from 'passport-civic-sip/crypto'
import { ScopeRequests } from 'passport-civic-sip/user-data'

const options = { appId: 'app12345', appSecret: '0', prvKey: '0' }

// @ts-expect-error appSecret and prvKey are required
new CivicClient({ appId: 'app12345' })

// @ts-expect-error no such option
new CivicClient({ ...options, secret: 'x' })

// @ts-expect-error milliseconds are a number
new CivicClient({ ...options, timeout: '10s' })

// @ts-expect-error verify is required
new CivicStrategy(options)

// @ts-expect-error verify comes last
new CivicStrategy(() => false, options)

// @ts-expect-error an origin check is true, false or 'strict'
new CivicStrategy({ ...options, originCheck: 'lax' }, () => false)

// @ts-expect-error a store also releases
new CivicStrategy({ ...options, replayStore: { consume: () => Promise.resolve(true) } }, () => false)

// @ts-expect-error no request without passReqToCallback
new CivicStrategy(options, (_req, _userId, _data, _done) => false)

new CivicStrategy({ ...options, passReqToCallback: true }, (req, userId, scopeData, done) => {
  // @ts-expect-error the first argument is the request
  req.startsWith('a')
  // @ts-expect-error the second is a string
  userId.value()
  // @ts-expect-error a value may be anything
  scopeData.value('contact.personal.email').toLowerCase()
  // @ts-expect-error done takes the error first
  done()
})

// @ts-expect-error the user is of the type that was said
new CivicStrategy<{ id: string }>(options, () => ({ id: 7 }))

new CivicStrategy<{ id: string }>(options, (_userId, _data, done) => {
  // @ts-expect-error so is the one that is given to done
  done(null, { id: 7 })
})

export async function refused(client: CivicClient, data: UserData): Promise<void> {
  // @ts-expect-error a token, or what verifyAuthCode returned
  await client.exchangeCode(7)
  // @ts-expect-error with a callback there is no promise
  await client.exchangeCode('token', () => undefined).then()
  // @ts-expect-error claims are frozen
  client.verifyAuthCode('token').sub = 'another'
  // @ts-expect-error items are as SIP sent them
  data[0]!.isValid = true
  // @ts-expect-error the userId comes first
  toProfile(data)
  // @ts-expect-error no such code
  new CivicError('CIVIC_NOTHING', 'x')
  // @ts-expect-error max is a number
  new MemoryReplayStore({ max: '1' })
  // @ts-expect-error a KeyObject: privateKey() makes one of hex
  signToken({ iss: 'a', aud: 'b', sub: 'c', iat: 0, exp: 1 }, '00')
  // @ts-expect-error the table is frozen
  ScopeRequests.BASIC_SIGNUP = 'civicBasic'

  const sandbox = await createSandbox()
  // @ts-expect-error milliseconds
  sandbox.fault({ delayMs: '1s' })
  // @ts-expect-error a person, not a number
  await sandbox.authCode({ user: 7 })
  // @ts-expect-error an app has a name
  sandbox.createApp({ whitelist: [] })
}
