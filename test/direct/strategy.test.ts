import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import { CivicDirectStrategy, DirectRequests } from '../../lib/direct/index.ts'
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

  for (const [what, args] of Object.entries({
    'without requests': [{}, verify],
    'without a verify callback': [direct],
    'with options alone': [direct, {}],
    'with options after the callback': [direct, verify, {}],
    'with one argument more': [direct, {}, verify, verify],
    'with options that are none': [direct, 'x', verify],
    'with an unknown option': [direct, { tokenField: 'x' }, verify],
    'with an empty name': [direct, { name: '' }, verify],
    'with a wrong passReqToCallback': [direct, { passReqToCallback: 1 }, verify],
    'with a wrong originCheck': [direct, { originCheck: 'lax' }, verify],
  })) {
    it(`is not made ${what}`, () => {
      assert.throws(() => Reflect.construct(CivicDirectStrategy, args) as unknown, TypeError)
    })
  }

  it('says what is missing before where the request is from', async () => {
    const [outcome] = await outcomesOf(
      new CivicDirectStrategy(direct, verify),
      post({}, { 'sec-fetch-site': 'cross-site' }),
    )
    assert.deepEqual([outcome!.kind, outcome!.code, outcome!.status], ['fail', 'CIVIC_REQUEST_MISSING', 400])
  })

  it('reads own members of the body alone', async () => {
    const body = Object.create({ uuid }) as object
    const [outcome] = await outcomesOf(new CivicDirectStrategy(direct, verify), post(body, home))
    assert.equal(outcome!.code, 'CIVIC_REQUEST_MISSING')
  })

  it('refuses to link where nobody is logged in', async () => {
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
