/** Brings about one outcome after another, for a test that reads what NODE_DEBUG prints of them on stderr. */
import { CivicClient, CivicStrategy } from '../../../lib/index.ts'
import { outcomesOf, post, strategyFor } from '../../support/drive.ts'
import { FakeSip, status } from '../../support/sip.ts'

const sip = await new FakeSip().start()
const strategy = strategyFor(sip)

async function logIn(authToken: unknown, more: object = {}, by: object = strategy): Promise<void> {
  await outcomesOf(by, { ...post({ authToken }), ...more })
}

function headers(site: string): object {
  return { headers: { 'sec-fetch-site': site } }
}

await logIn(sip.token())
await logIn(undefined)
await logIn('', {}, strategyFor(sip, { tokenField: 'jwtToken' }))
await logIn('', {}, strategyFor(sip, { tokenFromRequest: () => undefined }))
await logIn(7)
await logIn(sip.token({ iss: 'another' }))
await logIn(sip.token({ aud: 'https://another.example.org/' }))
await logIn(sip.token({ sub: 'another' }))
await logIn(sip.token({ jti: '' }))
await logIn(sip.token(), headers('cross-site'))
sip.answers = [status(400)]
await logIn(sip.token())
sip.answers = []
await logIn(
  sip.token(),
  {},
  strategyFor(sip, {}, () => false),
)
await logIn(
  sip.token(),
  {},
  strategyFor(sip, {}, () => {
    throw new Error('SECRET of a database')
  }),
)
await logIn(sip.token(), { headers: [] })
await logIn(
  sip.token(),
  {},
  new CivicStrategy(
    () => {
      throw new Error('SECRET of a tenant')
    },
    () => false,
  ),
)
const client = new CivicClient(sip.options)
await client.exchangeCode(sip.token({ aud: 'https://another.example.org/' })).catch(() => undefined)

console.log(sip.api)
await sip.stop()
