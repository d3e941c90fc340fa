import type { RequestListener } from 'node:http'
import { Router } from 'express'
import type { Request, Response } from 'express'
import { jsonBody, sameOriginOnly, walletSite } from 'civic-sip-server/http'
import { namesOf } from './hosts.ts'
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
  /** The address that it listens on. */
  readonly host: string
  readonly allowHosts: readonly string[]
  readonly log: ((line: string) => void) | undefined
}

/** The labels that the wallet's page fills in itself, from a picture of the card. */
const PICTURE = /^documents\.genericId\.image/

/**
 * The wallet's page, set up for this sandbox: it trusts the sandbox's SIP, and holds the test users, whose seeds the
 * sandbox gives away to it.
 *
 * | call | body | response |
 * |---|---|---|
 * | `GET config.json` | | `WalletConfig`, with `testUsers` |
 * | `POST test-users` | a `PersonDescription` | 201, the test user as `testUsers` has it |
 */
export function walletServer(parts: WalletServerParts): RequestListener {
  const { sandbox, world, host, allowHosts, log } = parts
  const { people, wallets, trustedSips } = world
  const testUser = (person: Person): object => {
    const { id, name, email, phoneNumber } = person
    const values = [...valuesOf(person)].filter(([label]) => !PICTURE.test(label))
    return { id, name, email, phoneNumber, values: Object.fromEntries(values), seed: wallets.seedOf(person) }
  }
  const router = Router()
  router.use(toLocalhost(sandbox.walletUrl))
  router.use(['/config.json', '/test-users'], sameOriginOnly)
  router.post('/test-users', jsonBody(), (req, res) => {
    res.status(201).json(testUser(people.describe(req.body)))
  })
  return walletSite({
    hosts: [...namesOf(host), ...allowHosts],
    insecure: true,
    trustProxy: allowHosts.length > 0,
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
