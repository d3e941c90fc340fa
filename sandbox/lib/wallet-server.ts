import type { RequestListener } from 'node:http'
import { Router } from 'express'
import type { Request, Response } from 'express'
import { jsonBody, read, sameOriginOnly, walletSite } from 'civic-sip-server/http'
import { KeptInPage } from './kept-in-page.ts'
import { valuesOf } from './people.ts'
import type { Person } from './people.ts'
import { toLocalhost } from './to-localhost.ts'
import type { World } from './world.ts'

export interface WalletServerParts {
  readonly sandbox: {
    readonly url: string
    readonly walletUrl: string
    readonly ledgerUrl: string
    directOptions(): { readonly authorities: readonly string[] }
  }
  readonly world: Pick<World, 'people' | 'wallets' | 'trustedSips'>
  /** The names by which it is reached. */
  readonly hosts: readonly string[]
  readonly trustProxy: boolean
  readonly log: ((line: string) => void) | undefined
}

/** The one test user whose email must be verified first, to show how that works. */
const UNVERIFIED = 'carol'
const MAX_USERS = 100
/** The kept data of a test user contains the document's picture. */
const MAX_KEPT = '4mb'
/** The labels that the wallet's page fills in from a picture of the card. */
const PICTURE = /^documents\.genericId\.image/

/**
 * The wallet's page, configured for this sandbox: it trusts the sandbox's SIP and has the test users, whose seeds the
 * sandbox sends it.
 *
 * | call | body | response |
 * |---|---|---|
 * | `GET config.json` | | `WalletConfig`, with `testUsers` |
 * | `POST test-users` | a `PersonDescription` | 201: the test user, as in `testUsers` |
 * | `GET test-users/{id}/kept` | | `{ wallet?: WalletKept, activity, … }`: the wallet's is that of `sandbox.wallet()` |
 * | `PUT test-users/{id}/kept` | the same | 204 |
 */
export function walletServer(parts: WalletServerParts): RequestListener {
  const { sandbox, world, hosts, trustProxy, log } = parts
  const { people, wallets, trustedSips } = world
  const testUser = (person: Person): object => {
    const { id, name, email, phoneNumber } = person
    const values = [...valuesOf(person)].filter(([label]) => !PICTURE.test(label))
    return {
      ...{ id, name, email, phoneNumber, values: Object.fromEntries(values), seed: wallets.seedOf(person) },
      isEmailVerified: id !== UNVERIFIED,
    }
  }
  const kept = new Map<string, object>()
  const router = Router()
  router.use(toLocalhost(sandbox.walletUrl))
  router.use(['/config.json', '/test-users'], sameOriginOnly)
  router.post('/test-users', jsonBody(), (req, res) => {
    res.status(201).json(testUser(people.describe(req.body)))
  })
  router
    .route('/test-users/:id/kept')
    .get((req, res) => {
      const person = people.known(req.params.id)
      // The keys of an open wallet need no code
      const wallet = person.id === UNVERIFIED ? wallets.opened(person) : wallets.of(person)
      const others = kept.get(person.id) ?? { activity: [] }
      res.json({ ...others, ...(wallet && { wallet: wallet.wallet.kept() }) })
    })
    .put(jsonBody(MAX_KEPT), (req, res) => {
      const person = people.known(req.params.id)
      const { wallet, ...others } = read(KeptInPage, req.body)
      if (wallet && wallet.attestations.length > 0) wallets.adopt(person, wallet)
      kept.delete(person.id)
      kept.set(person.id, others)
      const [oldest] = kept.keys()
      if (oldest !== undefined && kept.size > MAX_USERS) kept.delete(oldest)
      res.sendStatus(204)
    })
  return walletSite({
    hosts,
    insecure: true,
    trustProxy,
    log,
    before: (req, res, next) => router(req as Request, res as Response, next),
    config: () => ({
      trustedSips,
      attester: `${sandbox.url}/attester`,
      ledger: sandbox.ledgerUrl,
      authorities: sandbox.directOptions().authorities,
      testUsers: people.list().map(testUser),
    }),
  })
}
