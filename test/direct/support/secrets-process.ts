/**
 * Goes through logins that succeed and that fail, with NODE_DEBUG on, and prints all that anybody could come to see
 * of them as one JSON object on stdout; what debug prints is on stderr.
 */
import { inspect } from 'node:util'
import { Wallet, WalletError } from 'civic-wallet'
import { privateKeyHex } from '../../../lib/crypto.ts'
import { CivicDirectStrategy, DirectRequests, MemoryDirectStore } from '../../../lib/direct/index.ts'
import { WalletKeys } from '../../../wallet/lib/keys.ts'
import { outcomesOf, post } from '../../support/drive.ts'
import { CLAIMS, Person, seal } from '../../support/person.ts'
import { OPTIONS, newKey } from '../../support/shop.ts'
import { codesIn, Site } from '../../support/direct-site.ts'

export interface Seen {
  /** What must not be seen, by what it is. */
  readonly secrets: Readonly<Record<string, string>>
  /** What was seen, by where. */
  readonly texts: Readonly<Record<string, string>>
}

const WORDS = 'legal winner thank year wave sausage worth useful legal winner thank yellow'
const SEED = '0f0e0d0c0b0a09080706050403020100'
const secrets: Record<string, string> = {
  words: 'thank yellow',
  seed: SEED,
  email: CLAIMS['contact.personal.email'],
}
const texts: Record<string, string> = {}

function look(value: unknown): string {
  return [
    inspect(value, {
      depth: 12,
      showHidden: true,
      getters: true,
      maxStringLength: null,
      maxArrayLength: null,
    }),
    JSON.stringify({ value }),
    value instanceof Error ? `${value.stack ?? ''}\n${look(value.cause)}` : '',
  ].join('\n')
}

async function failure(name: string, work: () => unknown): Promise<void> {
  try {
    texts[name] = look(await work())
  } catch (error) {
    texts[name] = look(error)
  }
}

const prvKey = newKey()
secrets['prvKey'] = privateKeyHex(prvKey)
secrets['prvKey, as JWK'] = prvKey.export({ format: 'jwk' }).d ?? ''
const direct = new DirectRequests({ ...OPTIONS, prvKey })
const strategy = new CivicDirectStrategy(direct, (userId) => ({ userId }))
texts['requests'] = look(direct)
texts['strategy'] = look(strategy)
texts['request'] = look(Object.assign(post({}), { passport: Object.create(strategy) as object }))
const home = { 'sec-fetch-site': 'same-origin' }
for (const body of [{}, { uuid: 'x' }, { uuid: '00000000-0000-4000-8000-000000000000' }]) {
  texts[`outcome ${JSON.stringify(body)}`] = look(await outcomesOf(strategy, post(body, home)))
}
await failure('wrong options', () => new DirectRequests({ ...OPTIONS, prvKey: `${privateKeyHex(prvKey)}zz` }))

const store = new MemoryDirectStore()
const site = await Site.start({ direct: { prvKey, store }, verify: (userId) => ({ id: userId }) })
for (const [name, wallet] of [
  ['by words', new Wallet({ mnemonic: WORDS, allowPrivate: true })],
  ['by seed', new Wallet({ seed: SEED, allowPrivate: true })],
] as const) {
  texts[`wallet ${name}`] = look(wallet)
  for (const channel of ['scan', 'link'] as const) {
    const browser = site.browser()
    const { uuid, link } = await browser.begin(channel)
    const request = await wallet.read(link)
    texts[`request ${name}, ${channel}`] = look(request)
    const approved = await wallet.approve(request)
    const code = approved.confirm ?? codesIn(approved.redirectUri).responseCode
    secrets[`code ${name}, ${channel}`] = code
    await failure(`again ${name}, ${channel}`, () => wallet.decline(request))
    texts[`wrong ${name}, ${channel}`] = look(await browser.logIn({ uuid, confirm: 'x', responseCode: 'x' }))
    texts[`polled ${name}, ${channel}`] = look(await browser.poll(uuid))
    secrets[`cookie ${name}, ${channel}`] = [...browser.cookies.values()][0] ?? ''
    await browser.logIn({ uuid, confirm: code, responseCode: code })
  }
}
const keys = new WalletKeys(Buffer.from(SEED, 'hex')).site(site.origin)
secrets['site key'] = keys.xprv
secrets['userKey'] = keys.userKey

// Answers that fail, in all their responses
const browser = site.browser()
const { uuid } = await browser.begin('scan', 'BASIC_SIGNUP')
const { token } = (await browser.send('GET', `/civic/${uuid}/callback`)).json as { token: string }
secrets['request token'] = token
const person = new Person('ada')
person.attestations = person.issued(CLAIMS)
for (const answer of [person.answer(token), { ...person.answer(token), userId: 'x' }, {}]) {
  const reply = await browser.send('POST', `/civic/${uuid}/callback`, { answer: seal(answer, token) })
  texts[`response ${Object.keys(texts).length}`] = look(reply)
}
store.get = () => Promise.reject(new Error(`GET ${secrets['prvKey'] ?? ''}`))
texts['store'] = look(await browser.logIn({ uuid }))
await failure('wallet error', () => Promise.reject(new WalletError('ANSWER_REFUSED', 'x', { status: 409 })))
await site.stop()
process.stdout.write(JSON.stringify({ secrets, texts } satisfies Seen))
