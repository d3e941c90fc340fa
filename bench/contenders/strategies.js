import { fetch as undiciFetch } from 'undici'
import { CivicStrategy, RedisReplayStore } from 'passport-civic-sip'
import { Redis } from 'ioredis'
import { passportCivic } from '../support/peers.js'
import { LimitStrategy } from './limit.js'
import { createUndiciFetch } from './undici-request.js'

const user = (userId) => ({ userId })

const ours = (more) => (options) => new CivicStrategy({ ...options, ...more() }, user)

/** Makes each contender's strategy, from the same options. */
export const strategies = {
  limit: (options) => new LimitStrategy(options, user),
  'ours, node-fetch': ours(() => ({})),
  'ours, undici.fetch': ours(() => ({ fetch: undiciFetch })),
  'ours, undici.request': ours(() => ({ fetch: createUndiciFetch() })),
  'ours, Redis': (options, redisUrl) =>
    ours(() => ({ replayStore: new RedisReplayStore(new Redis(redisUrl)) }))(options),
  'passport-civic': ({ sipPublicKey, ...options }) =>
    new (passportCivic(sipPublicKey))(options, ({ userId }, done) => done(null, user(userId))),
}
