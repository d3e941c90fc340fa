import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { HDKey } from '@scure/bip32'
import fc from 'fast-check'
import { grant, issue, LedgerUnavailable, merkleTree, signSubject } from 'civic-attestations'
import type { Attestation } from 'civic-attestations'
import { Parts } from '../../sandbox/lib/parts.ts'
import { newKeyPair, randomHex } from '../../sip/lib/apps/new-keys.ts'
import { scopeOf } from '../../sip/lib/apps/scopes.ts'
import { approval } from '../../wallet/lib/hosted/wallet-core.ts'
import type { Answer, AttestationSet, RequestView } from '../../wallet/lib/hosted/wallet-core.ts'
import { walletKey } from '../../wallet/lib/hosted/wallet-key.ts'
import type { WalletKey } from '../../wallet/lib/hosted/wallet-key.ts'
import { EMAIL, PHONE } from '../support/sandbox-attester.ts'

const BIRTH = 'documents.genericId.dateOfBirth'
const BASIC = { [EMAIL]: 'finn@example.org', [PHONE]: '+1 202 555 0123' }

/** The inside of a sandbox, whose attester signs what it is told to. */
function newParts(): Parts {
  const state = { version: 1 as const, secret: randomHex(32), sipKeys: newKeyPair(), apps: [], people: [] }
  const parts = new Parts({
    state,
    clock: Date.now,
    esplora: undefined,
    blockDelayMs: undefined,
    url: () => 'http://127.0.0.1',
    changed: () => undefined,
  })
  parts.apps.createDefault()
  return parts
}

describe('sandbox: what a wallet answers', function () {
  this.timeout(30_000)
  let parts: Parts
  let key: WalletKey
  before(() => {
    parts = newParts()
  })
  after(() => parts.close())
  beforeEach(() => {
    key = walletKey(randomBytes(32))
  })

  /** Anchored by the trusted authority, whatever it holds: what a careless attester would sign. */
  const issued = async (
    set: AttestationSet,
    claims: Record<string, string>,
    xprv = key.xprv,
  ): Promise<Attestation[]> => {
    const tree = merkleTree(claims)
    const issuance = parts.issuer.issue({
      set,
      tree,
      subject: signSubject({ label: set, data: tree.root }, xprv),
    })
    await parts.issuer.refresh(issuance)
    assert.equal(issuance.state, 'attested')
    return [...issuance.attestations]
  }
  const read = (scope: string): RequestView => {
    const [app] = parts.apps.list()
    const requester = { origin: 'http://localhost:3000' }
    const { uuid } = parts.requests.create({ app: app!, stage: 'prod', scope: scopeOf(scope), requester })
    return parts.granting.read(uuid, key.xpub)
  }
  const decide = (view: RequestView, answer: Answer): Promise<unknown> =>
    parts.granting.decide(view.uuid, key.xpub, answer)
  const refused = async (
    scope: string,
    reason: RegExp,
    answer: (view: RequestView) => Answer,
  ): Promise<void> => {
    const view = read(scope)
    await assert.rejects(decide(view, answer(view)), { status: 422, message: reason })
    const { state, verifyError } = parts.requests.get(view.uuid)
    assert.deepEqual({ state, verifyError }, { state: 'denied', verifyError: true })
  }

  it('is granted where it is genuine', async () => {
    const view = read('civicBasic')
    assert.deepEqual(await decide(view, approval(view, key, await issued('attCivicBasic', BASIC))), {
      state: 'granted',
    })
  })

  it('is refused where a label hides in another set', async () => {
    const held = await issued('attCivicBasic', { ...BASIC, [BIRTH]: '1900-01-01' })
    await refused('proofOfAge', /attCivicBasic is not the set that .*dateOfBirth belongs to/, (view) =>
      approval(view, key, held),
    )
  })

  it('is refused where one set has two subjects', async () => {
    const one = await issued('attCivicBasic', BASIC)
    const two = await issued('attCivicBasic', { ...BASIC, [PHONE]: '+1 202 555 0124' })
    await refused('civicBasic', /attested in more than one way/, (view) =>
      approval(view, key, [one[0]!, two[1]!]),
    )
  })

  it('is refused where two forms are in one object', async () => {
    const held = await issued('attCivicBasic', BASIC)
    const own = issue({
      ...held[0]!.attn.attestation.attestation,
      label: 'attCivicBasic',
      claims: { ...BASIC, [EMAIL]: 'ceo@bank.example' },
      subject: key.xprv,
    })
    await refused('civicBasic', /MALFORMED/, (view) => {
      const { attestations } = approval(view, key, own) as Extract<Answer, { decision: 'grant' }>
      const forged = attestations.map(({ label, data, attnData, attn }, index) => ({
        grantedAttestation: attn.attestation,
        attestationData: attnData,
        claims: [{ ...data, identifier: label, proof: { merkleTree: { nodes: data.proof } } }],
        attn: held[index]!.attn,
      }))
      return { decision: 'grant', attestations: forged as unknown as Attestation[] }
    })
  })

  it('is refused where its subject is a tpub, of the same key or of another', async () => {
    const { privateKey } = HDKey.fromExtendedKey(key.xprv)
    const versions = { private: 0x04358394, public: 0x043587cf }
    const [held] = await issued('attCivicBasic', BASIC)
    for (const secret of [privateKey!, randomBytes(32)]) {
      const { privateExtendedKey } = new HDKey({ privateKey: secret, chainCode: randomBytes(32), versions })
      const { authority, cosigners, tx } = held!.attn.attestation.attestation
      const made = issue({
        authority,
        cosigners,
        label: 'attCivicBasic',
        claims: BASIC,
        subject: privateExtendedKey,
      })
      await refused('civicBasic', /GRANT_MISMATCH|ANCHOR_MISMATCH/, ({ appId, uuid }) => ({
        decision: 'grant',
        attestations: made.map((attestation) => {
          attestation.attn.attestation.attestation.tx = tx!
          return grant({ attestation, appId, requestId: uuid, key: privateExtendedKey })
        }),
      }))
    }
  })

  it('is refused, and the request decided, whatever one of its members is', async () => {
    const held = await issued('attCivicBasic', BASIC)
    const view = read('civicBasic')
    const genuine = approval(view, key, held) as Extract<Answer, { decision: 'grant' }>
    const paths = pathsOf(genuine.attestations[0])
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...paths), fc.jsonValue({ maxDepth: 3 }), async (path, value) => {
        const copy = structuredClone(genuine.attestations) as unknown[]
        setAt(copy[0], path, value)
        const request = read('civicBasic')
        // The grants are for another request, so that none of them is good
        await assert.rejects(decide(request, { decision: 'grant', attestations: copy as Attestation[] }), {
          name: 'HttpError',
          status: 422,
        })
        assert.equal(parts.requests.get(request.uuid).state, 'denied')
      }),
      { numRuns: 60 },
    )
  })

  it('is refused, and the request in a state, whatever it is', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('civicBasic', 'Anonymous_Login'),
        fc.constantFrom('grant', 'deny'),
        fc.jsonValue({ maxDepth: 3 }),
        fc.jsonValue({ maxDepth: 3 }),
        async (scope, decision, attestations, signed) => {
          const view = read(scope)
          const answer = { decision, attestations, signed } as unknown as Answer
          await assert.rejects(decide(view, answer), (error: { name: string; status: number }) => {
            assert.equal(error.name, 'HttpError')
            assert.ok(error.status === 422 || error.status === 403, String(error.status))
            const { state } = parts.requests.get(view.uuid)
            assert.equal(state, error.status === 422 ? 'denied' : 'read')
            return true
          })
        },
      ),
      { numRuns: 60 },
    )
  })

  it('leaves a request as it was decided, if another answer came first', async () => {
    const view = read('civicBasic')
    const answer = approval(view, key, await issued('attCivicBasic', BASIC))
    const { ledger } = parts.chain
    const txHex = ledger.txHex.bind(ledger)
    let fail: (error: Error) => void = () => assert.fail('the ledger was not asked')
    ledger.txHex = () => new Promise((_resolve, reject) => (fail = reject))
    const slow = decide(view, answer)
    ledger.txHex = txHex
    assert.deepEqual(await decide(view, answer), { state: 'granted' })
    fail(new LedgerUnavailable('down'))
    await assert.rejects(slow, { status: 409 })
    const { state, reason } = parts.requests.get(view.uuid)
    assert.deepEqual({ state, reason }, { state: 'granted', reason: undefined })
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
