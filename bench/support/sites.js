import { start } from './child.js'
import { MEASURED, OTHERS } from './cores.js'
import { clientOptions, createFixture, createSigner } from './fixture.js'
import { connectAll, post, sendAll } from './load.js'
import { median, quantile } from './measure.js'

const FIELDS = { 'passport-civic': 'civic_jwt_token' }

/**
 * Starts the SIP and a site for each contender.
 *
 * @param {boolean} pinned whether each site has a core for itself while it is measured
 */
export async function startSites(contenders, { imageBytes = 0, redisUrl, pinned = true } = {}) {
  const [siteCore, sipCore] = pinned ? [MEASURED, OTHERS] : []
  const fixture = createFixture()
  const sip = await start(
    'sip.js',
    { fixture, imageBytes, answers: imageBytes > 0 ? 4 : 64 },
    { core: sipCore },
  )
  const options = clientOptions(fixture, sip.ready.api)
  const sites = []
  for (const contender of contenders) {
    sites.push({
      contender,
      ...(await start('app.js', { contender, options, redisUrl }, { core: siteCore })),
    })
  }
  const { codeTokens } = createSigner(fixture, sip.ready.api)
  return {
    sites,
    codeTokens,
    posts: (site, count) => codeTokens(count).map((token) => post(token, FIELDS[site.contender])),
    stop: () => Promise.all([...sites, sip].map(({ stop }) => stop())),
  }
}

/** One round of one site: logins per second, the time of each, and the site's processor time for each. */
export async function measureLogins(site, posts, concurrency) {
  const connections = await connectAll([site.ready.port], concurrency)
  const before = await site.call('cpu')
  const { perSecond, latencies, failed } = await sendAll(connections, posts)
  const perLogin = ((await site.call('cpu')) - before) / posts.length
  for (const send of connections) send.close()
  return { perSecond, perLogin, failed, p50: median(latencies), p99: quantile(latencies, 0.99) }
}
