import assert from 'node:assert/strict'
import fc from 'fast-check'
import { DirectCore } from '../../lib/direct/core.ts'
import { AnswerRefused } from '../../lib/direct/index.ts'
import { readDirectOptions } from '../../lib/direct/options.ts'
import { readAnswer, verifyAnswer } from '../../lib/direct/verify-answer.ts'
import { authorities, fundedLedger } from '../support/issuer.ts'
import { claimsOf, Person } from '../support/person.ts'
import { OPTIONS } from '../support/shop.ts'

type Json = Record<string, unknown>

/** Every path to a value in it. */
function pathsOf(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [path]
  return [path, ...Object.entries(value).flatMap(([key, inner]) => pathsOf(inner, [...path, key]))]
}

/** A copy with another value at a path, or none. */
function replaced(value: unknown, [key, ...rest]: readonly string[], by: unknown): unknown {
  if (key === undefined) return by
  const copy: Json = Array.isArray(value) ? ([...(value as unknown[])] as never) : { ...(value as Json) }
  const inner = replaced(copy[key], rest, by)
  if (inner === undefined && !Array.isArray(copy)) Reflect.deleteProperty(copy, key)
  else copy[key] = inner
  return copy
}

describe('a response that was changed anywhere', () => {
  it('is refused, and never an internal error', async () => {
    const ledger = fundedLedger()
    const person = await Person.attested('ada', ledger)
    const settings = readDirectOptions({ ...OPTIONS, ledger, authorities })
    const core = new DirectCore(settings)
    const { uuid } = await core.start({ headers: {} }, 'scan', undefined, 'x'.repeat(43))
    const { token } = await core.readRequest(uuid)
    const { data } = claimsOf(token)
    const asked = {
      token,
      clientId: data.clientId,
      url: data.callbackUrl,
      label: data.verificationLevel,
      attributes: data.attributes,
      optionalAttributes: [],
    }
    const honest = JSON.parse(JSON.stringify(person.answer(token))) as Json
    const verify = async (answer: unknown): Promise<unknown> => {
      const read = readAnswer(answer as Json)
      return read.status === 'denied' ? read : verifyAnswer(asked, read, settings.trust)
    }
    assert.equal(((await verify(honest)) as { items: unknown[] }).items.length, 2)
    const paths = pathsOf(honest).slice(1)
    // What no signature covers: how Civic calls the state of an anchor, and where the ledger is
    const free = /\.(type|network|url)$/
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...paths),
        fc.oneof(fc.constant(undefined), fc.jsonValue(), fc.string({ unit: 'binary' })),
        async (path, by) => {
          const at = path.reduce<unknown>((value, key) => (value as Json)[key], honest)
          fc.pre(JSON.stringify(at) !== JSON.stringify(by) && !free.test(path.join('.')))
          await assert.rejects(verify(replaced(honest, path, by)), AnswerRefused)
        },
      ),
      { numRuns: 80 },
    )
  }).timeout(60_000)
})
