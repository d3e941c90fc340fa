import assert from 'node:assert/strict'
import fc from 'fast-check'
import { FakeSip } from '../support/sip.ts'
import { outcomeOf, post, strategyFor } from '../support/drive.ts'
import { signBytes } from './support/tokens.ts'
import { runs } from '../support/tally.ts'

describe('any token', () => {
  const sip = new FakeSip()
  let strategy: object

  before(async () => {
    await sip.start()
    strategy = strategyFor(sip)
  })
  after(() => sip.stop())

  async function refused(area: string, body: unknown): Promise<void> {
    const outcome = await outcomeOf(area, 'refused', strategy, post(body))
    assert.equal(outcome.kind, 'fail')
    assert.ok([400, 401].includes(outcome.status!))
    assert.equal(sip.exchanges.length, 0, 'nothing is sent')
  }

  /** Characters near to those of a token, and any at all. */
  const character = fc.oneof(
    fc.constantFrom(...Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.')),
    fc.constantFrom(...Array.from('+/= \n\t\0%')),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  )
  const position = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
  const at = (token: string, where: number): number => Math.floor(where * token.length)

  it('with one character changed is refused', async function () {
    this.timeout(600_000)
    await fc.assert(
      fc.asyncProperty(position, character, async (where, other) => {
        const token = sip.token()
        const index = at(token, where)
        fc.pre(token[index] !== other)
        await refused('Property: one character changed', {
          authToken: token.slice(0, index) + other + token.slice(index + 1),
        })
      }),
      { numRuns: runs(1_500) },
    )
  })

  it('with each of its characters changed in turn is refused', async function () {
    this.timeout(600_000)
    const token = sip.token()
    for (let index = 0; index < token.length; index++) {
      const code = token.charCodeAt(index)
      for (const bit of [1, 2, 4, 8, 16, 32, 64]) {
        const other = String.fromCharCode(code ^ bit)
        await refused('Property: one character changed', {
          authToken: token.slice(0, index) + other + token.slice(index + 1),
        })
      }
    }
  })

  it('with characters left out, put in, or swapped is refused', async function () {
    this.timeout(600_000)
    await fc.assert(
      fc.asyncProperty(position, position, fc.string({ maxLength: 5 }), async (from, to, filling) => {
        const token = sip.token()
        const [start, end] = [at(token, from), at(token, to)].sort((a, b) => a - b) as [number, number]
        const changed = token.slice(0, start) + filling + token.slice(end)
        fc.pre(changed !== token && changed !== '')
        await refused('Property: token spliced', { authToken: changed })
      }),
      { numRuns: runs(500) },
    )
  })

  it('whatever its claims, if SIP signed it, has exactly one outcome', async function () {
    this.timeout(600_000)
    await fc.assert(
      fc.asyncProperty(fc.json(), async (json) => {
        await refused('Property: any JSON, signed by SIP', {
          authToken: signBytes(json, sip.keys.privateKey),
        })
      }),
      { numRuns: runs(300) },
    )
  })

  it('with any value for one claim, if SIP signed it, is refused unless the value is right', async function () {
    this.timeout(600_000)
    const names = ['iss', 'aud', 'sub', 'iat', 'exp', 'jti', 'data'] as const
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...names), fc.jsonValue(), async (name, value) => {
        // Any text is a jti
        fc.pre(!(name === 'jti' && typeof value === 'string' && value !== ''))
        await refused('Property: any value for a claim, signed by SIP', {
          authToken: sip.token({ [name]: value }),
        })
      }),
      { numRuns: runs(500) },
    )
  })

  it('or any other input has exactly one outcome, and sends nothing', async function () {
    this.timeout(600_000)
    const anything = fc.anything({
      withBigInt: true,
      withBoxedValues: true,
      withDate: true,
      withMap: true,
      withNullPrototype: true,
      withObjectString: true,
      withSet: true,
      withSparseArray: true,
      withTypedArray: true,
    })
    const body = fc.oneof(
      anything,
      fc.record({ authToken: anything }),
      fc.record({ authToken: fc.string({ maxLength: 9000 }) }),
      fc.record({ authToken: fc.string({ unit: 'binary' }) }),
      fc.record({
        authToken: fc.array(fc.base64String(), { maxLength: 6 }).map((parts) => parts.join('.')),
      }),
    )
    await fc.assert(
      fc.asyncProperty(body, (input) => refused('Property: any input whatever', input)),
      { numRuns: runs(2_000) },
    )
  })
})
