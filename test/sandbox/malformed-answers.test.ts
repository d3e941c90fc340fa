import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { HDKey } from '@scure/bip32'
import fc from 'fast-check'
import { EmbeddedLedger, grant, issue, LedgerUnavailable, merkleTree, signSubject } from 'civic-attestations'
import type { Attestation } from 'civic-attestations'
import { MemoryStores, newApp } from 'civic-sip-server'
import { ScopeRequests } from 'passport-civic-sip/user-data'
import { Apps } from '../../sip/lib/apps/apps.ts'
import { newKeyPair } from '../../sandbox/lib/new-keys.ts'
import { randomHex } from '../../sip/lib/apps/new-keys.ts'
import { scopeOf } from '../../sip/lib/apps/scopes.ts'
import { Issuer } from '../../sip/lib/attester/issuer.ts'
import { TokenSigner } from '../../sip/lib/exchange/tokens.ts'
import { EarlierGranting } from '../../sip/lib/granting/earlier.ts'
import { ActivityLog } from '../../sip/lib/partners/activity.ts'
import { Requests } from '../../sip/lib/scope-requests/requests.ts'
import { approval } from '../../wallet/lib/hosted/wallet-core.ts'
import type { Answer, AttestationSet, RequestView } from '../../wallet/lib/hosted/wallet-core.ts'
import { walletKey } from '../../wallet/lib/hosted/wallet-key.ts'
import type { WalletKey } from '../../wallet/lib/hosted/wallet-key.ts'
import { EMAIL, PHONE } from '../support/sandbox-attester.ts'

const BIRTH = 'documents.genericId.dateOfBirth'
const BASIC = { [EMAIL]: 'finn@example.org', [PHONE]: '+1 202 555 0123' }

/** The inside of a server, whose attester signs what it is told to. */
function newParts() {
  const [clock, url, secret] = [Date.now, 'http://127.0.0.1', randomHex(32)]
  const stores = new MemoryStores({ clock })
  const app = newApp({ name: 'Shop', scopes: Object.keys(ScopeRequests), pubKey: newKeyPair().pubKey }, clock)
  stores.apps.add(app)
  const ledger = new EmbeddedLedger({ now: clock })
  const chain = { ledger, sent: () => void ledger.mine(), fund: (script: string) => void ledger.mine(script) }
  const issuer = new Issuer({ secret, chain, anchors: stores.anchors, clock })
  const requests = new Requests(stores.requests, clock, new ActivityLog(clock))
  const apps = new Apps(stores.apps, clock)
  const tokens = new TokenSigner(newKeyPair(), clock, `${url}/sip/`)
  const { authorities } = issuer
  const granting = new EarlierGranting({ apps, requests, tokens, ledger, authorities, secret })
  return { app, issuer, ledger, requests, granting }
}

describe('sandbox: what a wallet answers', function () {
  this.timeout(30_000)
  let parts: ReturnType<typeof newParts>
  let key: WalletKey
  before(() => {
    parts = newParts()
  })
  after(() => parts.granting.close())
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
    const id = randomHex(8)
    const subject = signSubject({ label: set, data: tree.root }, xprv)
    await parts.issuer.start(parts.issuer.issue({ id, set, tree, subject }))
    const issuance = await parts.issuer.refresh(id)
    assert.equal(issuance?.state, 'attested')
    return [...issuance.attestations]
  }
  const read = async (scope: string): Promise<RequestView> => {
    const { app } = parts
    const requester = { origin: 'http://localhost:3000' }
    const { uuid } = await parts.requests.create({
      app,
      uuid: randomUUID(),
      stage: 'prod',
      scope: scopeOf(scope),
      requester,
      channel: 'scan',
      callbackUrl: '',
      token: '',
    })
    return parts.granting.read(uuid, key.xpub)
  }
  const decide = (view: RequestView, answer: Answer): Promise<unknown> =>
    parts.granting.decide(view.uuid, key.xpub, answer)
  const refused = async (
    scope: string,
    reason: RegExp,
    answer: (view: RequestView) => Answer,
  ): Promise<void> => {
    const view = await read(scope)
    await assert.rejects(decide(view, answer(view)), { status: 422, message: reason })
    const { state, verifyError } = await parts.requests.get(view.uuid)
    assert.deepEqual({ state, verifyError }, { state: 'denied', verifyError: true })
  }

  it('is granted where it is genuine', async () => {
    const view = await read('civicBasic')
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
    const view = await read('civicBasic')
    const genuine = approval(view, key, held) as Extract<Answer, { decision: 'grant' }>
    const paths = pathsOf(genuine.attestations[0])
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...paths), fc.jsonValue({ maxDepth: 3 }), async (path, value) => {
        const copy = structuredClone(genuine.attestations) as unknown[]
        setAt(copy[0], path, value)
        const request = await read('civicBasic')
        // The grants are for another request, so that none of them is good
        await assert.rejects(decide(request, { decision: 'grant', attestations: copy as Attestation[] }), {
          name: 'HttpError',
          status: 422,
        })
        assert.equal((await parts.requests.get(request.uuid)).state, 'denied')
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
          const view = await read(scope)
          const answer = { decision, attestations, signed } as unknown as Answer
          const states: Record<number, string> = { 422: 'denied', 403: 'read' }
          let expected: string | undefined
          await assert.rejects(decide(view, answer), (error: { name: string; status: number }) => {
            assert.equal(error.name, 'HttpError')
            expected = states[error.status]
            return true
          })
          assert.equal((await parts.requests.get(view.uuid)).state, expected)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('leaves a request as it was decided, if another answer came first', async () => {
    const view = await read('civicBasic')
    const answer = approval(view, key, await issued('attCivicBasic', BASIC))
    const { ledger } = parts
    const txHex = ledger.txHex.bind(ledger)
    let fail: (error: Error) => void = () => assert.fail('the ledger was not asked')
    const asked = new Promise<void>((resolve) => {
      ledger.txHex = () => {
        resolve()
        return new Promise((_resolve, reject) => (fail = reject))
      }
    })
    const slow = decide(view, answer)
    await asked
    ledger.txHex = txHex
    assert.deepEqual(await decide(view, answer), { state: 'granted' })
    fail(new LedgerUnavailable('down'))
    await assert.rejects(slow, { status: 409 })
    const { state, reason } = await parts.requests.get(view.uuid)
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
