import assert from 'node:assert/strict'
import type { Database } from 'civic-sip-server/database'
import { newKeyPair } from '../../../sandbox/lib/new-keys.ts'
import { person as holder } from '../../support/recorded.ts'
import { hosts, Server, tokenOf } from './support/server.ts'
import type { Somebody } from './support/server.ts'

const ADA = 'ada@example.org'
const HOST = 'shop.example.org'
const OTHER_HOST = 'other.example.org'
const CODE = 'Verify your email address'
const DAY = 24 * 60 * 60_000
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

const TABLES = [
  ...['partners', 'members', 'invites', 'sessions', 'audit', 'member_emails'],
  ...['apps', 'domain_proofs', 'reviews', 'document_reviews'],
]

/** Something that people do, and the audit log then says. */
interface Kind {
  /** The entry in the audit log. */
  readonly what: string
  /** The tables that change, besides the audit log. */
  readonly tables: readonly string[]
  readonly before?: () => Promise<unknown>
  /** @returns the status of the response */
  readonly act: () => Promise<number>
  /** The subject of the email to the owner. */
  readonly mail?: string
}

/** @param open opens the database of the stores. Default: they are in memory */
export function allOrNothing(open?: () => Promise<Database>): void {
  it('store a change and its entry in the audit log together, or the change can be made again', async () => {
    await all(await open?.())
  })
}

async function all(database?: Database): Promise<void> {
  const server = await Server.start(database, { realPeople: true })
  const made = database && (await dying(database))
  const without = made?.without ?? withoutIn(server.partnerStores)
  // The server says that it failed
  const { error } = console
  console.error = () => undefined
  try {
    for (const { what, tables, before, act, mail } of await kindsAt(server)) {
      await before?.()
      server.mails.length = 0
      const untouched = await stateOf(server, database)
      for (const table of ['audit', ...(database ? tables : [])]) {
        const status = await without(table, act)
        assert.equal(status, 500, `${what} without ${table}`)
        assert.deepEqual(await stateOf(server, database), untouched, `${what} without ${table}`)
      }
      const status = await act()
      assert.ok(status < 300, `${what}: ${status}`)
      const subjects = server.mails.map(({ subject }) => subject).filter((text) => text !== CODE)
      assert.deepEqual(subjects, mail === undefined ? [] : [mail], what)
      const { entries, rest } = await stateOf(server, database)
      assert.equal(entries[0]?.what, what)
      assert.deepEqual(entries.slice(1), untouched.entries, what)
      // Sessions in memory are not listed
      if (database || what !== 'session.began') assert.notDeepEqual(rest, untouched.rest, what)
    }
  } finally {
    console.error = error
    hosts.clear()
    await made?.end()
    await server.stop()
  }
}

async function kindsAt(server: Server): Promise<Kind[]> {
  const operator = await server.operator()
  const reviewer = await server.member(operator, 'REVIEWER')
  const owner = await server.owner('Shop')
  const { appId } = await owner.createApp({ name: 'Shop', whitelist: [HOST] })
  const [partnerId, joining] = [await owner.partnerId(), server.person()]
  const team = `partners/${partnerId}`
  let link: string
  let key: string
  const status = (by: Somebody, method: string, path: string, body?: object) => async (): Promise<number> =>
    (await by.send(method, path, body)).status
  const invited = async (): Promise<{ id: string }> => {
    const { json } = await owner.send('POST', `${team}/invites`, { role: 'DEVELOPER' })
    link = (json as { link: string }).link
    return json
  }
  const reviewed = (approve: boolean) => async (): Promise<number> => {
    const { askedAt } = (await server.partnerStores.reviews.find(appId))!
    const decision = { approve, askedAt, reason: 'Say what for' }
    return status(operator, 'POST', `operator/reviews/${appId}`, decision)()
  }
  const uploaded = async (): Promise<void> => {
    await server.person().send('POST', '/attester/attestations', {
      label: 'attCivicResidence',
      xpub: holder('one').xpub,
      claims: { 'documents.address.city': 'Amaurot' },
      picture: PNG,
    })
    key = ((await reviewer.send('GET', 'documents')).json as [{ key: string }])[0].key
  }
  const domains = `apps/${appId}/domains`
  const keys = `apps/${appId}/keys`
  const oldest = async (): Promise<string> =>
    (await server.stores.apps.find(appId))!.credentials.at(-1)!.keyId
  const approveRevoking = async (): Promise<unknown> =>
    owner.approve({ act: 'revoke', appId, keyId: await oldest() })
  const check = status(owner, 'POST', `${domains}/check`, { host: HOST })
  const ask = status(owner, 'PUT', `apps/${appId}/review`, { live: true })
  return [
    { what: 'session.began', tables: ['sessions'], act: async () => (await owner.logIn()).status },
    {
      what: 'member.invited',
      tables: ['invites'],
      act: status(owner, 'POST', `${team}/invites`, { role: 'ADMIN' }),
    },
    {
      what: 'invite.withdrawn',
      tables: ['invites'],
      act: async () => {
        const [invite] = await server.partnerStores.invites.list(partnerId, server.time)
        return status(owner, 'DELETE', `${team}/invites/${invite!.id}`)()
      },
    },
    {
      what: 'member.joined',
      tables: ['members', 'invites', 'sessions'],
      before: invited,
      act: async () => {
        const { uuid, confirm } = await joining.scan()
        const body = { token: tokenOf(link), name: 'Dev', uuid, confirm }
        return (await joining.send('POST', 'join', body)).status
      },
    },
    {
      what: 'member.changed',
      tables: ['members'],
      act: async () => status(owner, 'PATCH', `${team}/team/${await joining.userId()}`, { role: 'ADMIN' })(),
    },
    {
      what: 'member.left',
      tables: ['members', 'sessions'],
      act: async () => status(joining, 'DELETE', `${team}/team/${await joining.userId()}`)(),
    },
    { what: 'partner.invited', tables: ['invites'], act: status(operator, 'POST', 'operator/invites') },
    {
      what: 'operator.invited',
      tables: ['invites'],
      act: () =>
        server.sip.invite({ operator: true }).then(
          () => 201,
          () => 500,
        ),
    },
    {
      what: 'email.confirmed',
      tables: ['member_emails'],
      act: async () => {
        await owner.send('POST', 'me/email', { address: ADA })
        return status(owner, 'PUT', 'me/email', { address: ADA, code: server.codeTo(ADA) })()
      },
    },
    { what: 'email.removed', tables: ['member_emails'], act: status(owner, 'DELETE', 'me/email') },
    {
      what: 'app.created',
      tables: ['apps', 'domain_proofs'],
      before: () => server.confirm(owner, ADA),
      act: status(owner, 'POST', 'apps', {
        ...{ name: 'Bakery', whitelist: ['bakery.example.org'] },
        pubKey: newKeyPair().pubKey,
      }),
    },
    {
      what: 'app.changed',
      tables: ['apps', 'domain_proofs'],
      act: status(owner, 'PATCH', `apps/${appId}`, { returnPaths: ['/in'], whitelist: [OTHER_HOST] }),
    },
    {
      what: 'keys.made',
      tables: ['apps'],
      before: () => owner.approve({ act: 'rotate', appId }),
      act: status(owner, 'POST', keys, { pubKey: newKeyPair().pubKey }),
    },
    {
      what: 'keys.ending',
      tables: ['apps'],
      before: approveRevoking,
      act: async () => status(owner, 'PATCH', `${keys}/${await oldest()}`, { validFor: 3600 })(),
    },
    {
      what: 'keys.revoked',
      tables: ['apps'],
      before: approveRevoking,
      act: async () => status(owner, 'DELETE', `${keys}/${await oldest()}`)(),
    },
    {
      what: 'domain.proved',
      tables: ['apps', 'domain_proofs'],
      before: async () => {
        hosts.set(HOST, (await server.partnerStores.proofs.find(appId, HOST))!.value)
      },
      act: check,
    },
    {
      what: 'domain.removed',
      tables: ['apps', 'domain_proofs'],
      act: status(owner, 'DELETE', `${domains}/${OTHER_HOST}`),
    },
    { what: 'review.asked', tables: ['reviews'], act: ask },
    {
      what: 'review.withdrawn',
      tables: ['reviews'],
      act: status(owner, 'DELETE', `apps/${appId}/review`),
    },
    {
      what: 'review.refused',
      tables: ['reviews'],
      before: ask,
      act: reviewed(false),
      mail: 'Your request for Shop was refused',
    },
    {
      what: 'review.approved',
      tables: ['reviews', 'apps'],
      before: ask,
      act: reviewed(true),
      mail: 'Your request for Shop was approved',
    },
    {
      what: 'app.decided',
      tables: ['apps'],
      act: status(operator, 'PATCH', `operator/apps/${appId}`, { suspended: true }),
      mail: 'Shop is now suspended',
    },
    {
      what: 'document.approved',
      tables: ['document_reviews'],
      before: uploaded,
      act: async () => status(reviewer, 'POST', `documents/${key}/approve`, {})(),
    },
    {
      what: 'document.refused',
      tables: ['document_reviews'],
      before: uploaded,
      act: async () => status(reviewer, 'POST', `documents/${key}/refuse`, { reason: 'No address' })(),
    },
    {
      what: 'domain.lost',
      tables: ['apps', 'domain_proofs'],
      before: async () => {
        hosts.clear()
        await check()
        server.time += 8 * DAY
        await owner.logIn()
      },
      act: check,
      mail: `The proof of ${HOST} is gone`,
    },
    {
      what: 'app.deleted',
      tables: ['apps', 'domain_proofs'],
      before: () => owner.approve({ act: 'delete', appId }),
      act: status(owner, 'DELETE', `apps/${appId}`),
    },
  ]
}

/** Everything that the kinds change. */
async function stateOf({ partnerStores, stores, time }: Server, database: Database | undefined) {
  const { partners, invites, proofs, reviews, emails, audit } = partnerStores
  const entries = await audit.list(undefined, 100)
  if (database) {
    const rows = TABLES.map(
      (table) => `'${table}', (select array_agg(row::text order by row) from ${table} row)`,
    )
    const { rows: all } = await database.pool.query(`select json_build_object(${rows.join()}) as rows`)
    return { entries, rest: all }
  }
  const [list, apps] = [await partners.list(), await stores.apps.list()]
  const rest = [
    list,
    await Promise.all(list.map(({ id }) => partners.members(id))),
    await Promise.all([undefined, ...list.map(({ id }) => id)].map((id) => invites.list(id, time))),
    await emails.owners(),
    apps,
    await Promise.all(apps.map(({ appId }) => proofs.list(appId))),
    await Promise.all(apps.map(({ appId }) => reviews.find(appId))),
    await stores.documents.waiting(10),
  ]
  return { entries, rest }
}

/** Has every write to a table fail meanwhile, as if the process died before it. */
type Without = <T>(table: string, act: () => Promise<T>) => Promise<T>

function withoutIn({ audit }: Server['partnerStores']): Without {
  return async (_table, act) => {
    const insert = audit.insert.bind(audit)
    audit.insert = () => Promise.reject(new Error('died'))
    try {
      return await act()
    } finally {
      audit.insert = insert
    }
  }
}

/** Gives every table a trigger that fails if the table is among the dying. */
async function dying({ pool }: Database): Promise<{ without: Without; end: () => Promise<unknown> }> {
  const triggers = TABLES.map(
    (table) => `
      create trigger die before insert or update or delete on ${table} for each row execute function die();`,
  )
  await pool.query(`
    create table dying (name text);
    create function die() returns trigger language plpgsql as $$ begin
      if exists (select from dying where name = tg_table_name) then raise 'died'; end if;
      return case when tg_op = 'DELETE' then old else new end;
    end $$;
    ${triggers.join('')}`)
  return {
    without: async (table, act) => {
      await pool.query('insert into dying values ($1)', [table])
      try {
        return await act()
      } finally {
        await pool.query('delete from dying')
      }
    },
    end: () => pool.query('drop function die cascade; drop table dying'),
  }
}
