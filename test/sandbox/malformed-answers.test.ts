import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { HDKey } from '@scure/bip32'
import fc from 'fast-check'
import { grant, issue } from 'civic-attestations'
import type { Attestation } from 'civic-attestations'
import { AnswerRefused } from 'passport-civic-sip/direct'
import { Asker } from '../support/asker.ts'
import { fundedLedger, ISSUER } from '../support/issuer.ts'
import { claimsOf, clientOf, CLAIMS, Person, requestIdOf, seal } from '../support/person.ts'

describe('sandbox: a wallet’s response', function () {
  this.timeout(30_000)
  const ledger = fundedLedger()
  const asker = new Asker(ledger)
  let ada: Person
  before(async () => {
    ada = await Person.attested('ada', ledger)
  })

  /** The request stays open until ten answers were looked at. */
  const refused = async (scope: string, make: (token: string) => unknown): Promise<AnswerRefused> => {
    const request = await asker.begin(scope)
    const refusal = await asker.answer(request, seal(make(request.token), request.token)).then(
      () => assert.fail('the answer was taken'),
      (error: unknown) => error,
    )
    assert.ok(refusal instanceof AnswerRefused)
    assert.equal((await asker.requests.find(request.uuid))?.state, 'created')
    return refusal
  }

  it('is refused if its subject is a tpub, of the same key or of another', async () => {
    const versions = { private: 0x04358394, public: 0x043587cf }
    const { xprv } = ada.keys.subject('attCivicBasic')
    const { privateKey } = HDKey.fromExtendedKey(xprv)
    const [held] = ada.attestations
    for (const secret of [privateKey!, randomBytes(32)]) {
      const { privateExtendedKey: key } = new HDKey({
        ...{ privateKey: secret, chainCode: randomBytes(32), versions },
      })
      const made = issue({ ...ISSUER, label: 'attCivicBasic', claims: CLAIMS, subject: key })
      const { status, code } = await refused('BASIC_SIGNUP', (token) => {
        const { userKey } = ada.keys.site(clientOf(token))
        const appId = claimsOf(token).data.clientId
        const attestations = made.map((attestation) => {
          attestation.attn.attestation.attestation.tx = held!.attn.attestation.attestation.tx!
          return grant({ attestation, appId, requestId: requestIdOf(token, userKey), key })
        })
        return { ...ada.answer(token, { attestations: [] }), attestations }
      })
      assert.deepEqual([status, code], [403, 'SIGNATURE_MISMATCH'])
    }
  })

  it('is refused with any other value of a member, and the request stays open', async () => {
    const paths = pathsOf(ada.answer((await asker.begin()).token))
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...paths), fc.jsonValue({ maxDepth: 3 }), async (path, value) => {
        await refused('BASIC_SIGNUP', (token) => {
          const other = structuredClone(ada.answer(token, { token: `${token}x` })) as unknown
          setAt(other, path, value)
          return other
        })
      }),
      { numRuns: 60 },
    )
  })

  it('is refused with any other contents, and the request stays open', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('BASIC_SIGNUP', 'ANONYMOUS_LOGIN'),
        fc.jsonValue({ maxDepth: 3 }),
        fc.jsonValue({ maxDepth: 3 }),
        async (scope, status, attestations) => {
          const { code } = await refused(scope, (token) => ({
            ...ada.answer(token, { attestations: [] as Attestation[] }),
            ...{ status, attestations },
          }))
          assert.equal(code, 'UNREADABLE')
        },
      ),
      { numRuns: 60 },
    )
  })
})

type Path = readonly string[]

/** The path to each member of an object, and of the objects in it. */
function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path]
  const inside = Object.entries(value).flatMap(([name, member]) => pathsOf(member, [...path, name]))
  return path.length === 0 ? inside : [path, ...inside]
}

function setAt(holder: unknown, path: Path, value: unknown): void {
  const [name = '', ...rest] = path
  if (rest.length === 0) (holder as Record<string, unknown>)[name] = value
  else setAt((holder as Record<string, unknown>)[name], rest, value)
}
