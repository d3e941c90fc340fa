import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import { CivicDirectStrategy, DirectRequests } from '../../lib/direct/index.ts'
import { missingMember } from '../../lib/direct/strategy.ts'
import { CivicError } from '../../lib/index.ts'
import { outcomesOf, post } from '../support/drive.ts'
import { OPTIONS } from '../support/shop.ts'

const direct = new DirectRequests(OPTIONS)
function verify(userId: string) {
  return { userId }
}

const uuid = '00000000-0000-4000-8000-000000000000'
const home = { 'sec-fetch-site': 'same-origin' }

describe("the Direct option's strategy", () => {
  it('has the name civic-direct, or its own', () => {
    assert.equal(new CivicDirectStrategy(direct, verify).name, 'civic-direct')
    assert.equal(new CivicDirectStrategy(direct, { name: 'shop' }, verify).name, 'shop')
  })

  const order = 'verify must be a function, after the options'
  for (const [what, [message, ...args]] of Object.entries({
    'without requests': ['direct must be a DirectRequests', {}, verify],
    'without a verify callback': [order, direct],
    'with options alone': [order, direct, {}],
    'with options after the callback': [order, direct, verify, {}],
    'with one argument more': [order, direct, {}, verify, verify],
    'with text for options': ['options must be an object', direct, 'x', verify],
    'with an unknown option': [/tokenField/, direct, { tokenField: 'x' }, verify],
    'with an empty name': ['name must be a string', direct, { name: '' }, verify],
    'with a name that is no text': ['name must be a string', direct, { name: 7 }, verify],
    'with a wrong passReqToCallback': [
      'passReqToCallback must be true or false',
      direct,
      { passReqToCallback: 1 },
      verify,
    ],
    'with a wrong originCheck': [
      "originCheck must be true, false or 'strict'",
      direct,
      { originCheck: 'lax' },
      verify,
    ],
  })) {
    it(`is not made ${what}`, () => {
      const make = (): unknown => Reflect.construct(CivicDirectStrategy, args)
      assert.throws(make, { name: 'TypeError', message })
    })
  }

  const cross = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }
  const [passes, refused] = ['CIVIC_REQUEST_UNBOUND', 'CIVIC_CROSS_ORIGIN']
  for (const [originCheck, fromElsewhere, fromNowhere] of [
    [undefined, refused, passes],
    [true, refused, passes],
    ['strict', refused, refused],
    [false, passes, passes],
  ] as const) {
    it(`checks where a request is from with originCheck: ${originCheck}`, async () => {
      const options = originCheck === undefined ? {} : { originCheck }
      const strategy = new CivicDirectStrategy(direct, options, verify)
      const codes: unknown[] = []
      for (const headers of [cross, {}]) {
        const [outcome] = await outcomesOf(strategy, post({ uuid }, headers))
        codes.push(outcome!.code)
      }
      assert.deepEqual(codes, [fromElsewhere, fromNowhere])
    })
  }

  it('reports a missing request before a wrong origin', async () => {
    const [outcome] = await outcomesOf(
      new CivicDirectStrategy(direct, verify),
      post({}, { 'sec-fetch-site': 'cross-site' }),
    )
    assert.deepEqual([outcome!.kind, outcome!.code, outcome!.status], ['fail', 'CIVIC_REQUEST_MISSING', 400])
  })

  it('says so in words, and names the member in the debug line', async () => {
    const error = await new Promise<CivicError>((resolve) => {
      const attempt = Object.create(new CivicDirectStrategy(direct, verify)) as CivicDirectStrategy
      attempt.fail = (challenge) => resolve(challenge as CivicError)
      attempt.authenticate(post({}, home))
    })
    const message = 'The request contains no uuid (is its body parsed, and is it what CivicJS gave the page?)'
    assert.deepEqual(error, { code: 'CIVIC_REQUEST_MISSING', reason: 'missing', message })
    assert.equal(missingMember(error), 'uuid')
    assert.equal(missingMember(new CivicError('CIVIC_REQUEST_PENDING', 'x')), undefined)
  })

  it('reads only own members of the body', async () => {
    const body = Object.create({ uuid }) as object
    const [outcome] = await outcomesOf(new CivicDirectStrategy(direct, verify), post(body, home))
    assert.equal(outcome!.code, 'CIVIC_REQUEST_MISSING')
  })

  it('refuses to link if nobody is logged in', async () => {
    const strategy = new CivicDirectStrategy(direct, { passReqToCallback: true }, () => false)
    const linking = {
      authenticate(req: never): void {
        strategy.authenticate.call(this as never, req, { assignProperty: 'account' })
      },
    }
    Object.setPrototypeOf(linking, strategy)
    const [outcome] = await outcomesOf(linking, post({ uuid }, home))
    assert.deepEqual([outcome!.kind, outcome!.code], ['fail', 'CIVIC_LINK_REFUSED'])
  })

  it('shows no key', () => {
    const shown = inspect(new CivicDirectStrategy(direct, verify), { depth: 9, showHidden: true })
    assert.ok(!/KeyObject|settings/.test(shown))
  })
})
