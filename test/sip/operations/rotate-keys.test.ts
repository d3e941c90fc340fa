import assert from 'node:assert/strict'
import type { Mailer } from '../../../sip/lib/attester/mailer.ts'
import { rotateKeys, tellOfNextKey } from '../../../sip/lib/operations/rotate-keys.ts'
import type { RotationParts } from '../../../sip/lib/operations/rotate-keys.ts'
import { Outbox } from '../../../sip/lib/outbox/outbox.ts'
import type { Outgoing } from '../../../sip/lib/outbox/outbox.ts'
import { OwnerMail } from '../../../sip/lib/partners/owner-mail.ts'
import {
  PostgresEmails,
  PostgresOutbox,
  PostgresPartnerStores,
  Sealer,
  storageIn,
} from '../../../sip/lib/store/postgres/index.ts'
import type { Queryable, Storage } from '../../../sip/lib/store/postgres/index.ts'
import { onEmbedded } from '../../support/databases.ts'
import { dumpOf } from '../support/dump.ts'

const DAY = 24 * 60 * 60_000
const ADA = 'ada@example.org'
const URL = 'https://sip.example.org'

describe('sip: emails to owners while the signing key rotates', () => {
  onEmbedded((open) => {
    let storage: Storage
    let stores: PostgresPartnerStores
    let outbox: Outbox
    let outboxBy: (db: Queryable) => Outbox
    let parts: RotationParts
    let time: number
    let sent: Outgoing[]
    const failures: unknown[] = []

    beforeEach(async () => {
      time = Date.UTC(2026, 0, 1)
      sent = []
      const clock = (): number => time
      const database = await open()
      storage = await storageIn(database, { secrets: ['12'.repeat(32)], clock, log: () => undefined })
      stores = new PostgresPartnerStores(database.pool, storage.sealer)
      outboxBy = (db) =>
        new Outbox({
          store: new PostgresOutbox(db),
          seal: storage.sealer,
          senders: { email: (message) => Promise.resolve(void sent.push(message)) },
          clock,
        })
      outbox = outboxBy(database.pool)
      parts = partsWith(outboxBy)
      // Ada owns two partners. The owner of the bakery gets no email
      await joinAs('OWNER', 'Shop', 'ada')
      await joinAs('OWNER', 'Kiosk', 'ada')
      await joinAs('OWNER', 'Bakery', 'bob')
      await joinAs('DEVELOPER', 'Shop', 'dev')
      await stores.emails.put('ada', ADA)
    })
    afterEach(() => storage.keys.close())

    const partsWith = (mailerBy: (db: Queryable) => Mailer | undefined): RotationParts => ({
      storage,
      ownerMailBy: (db) =>
        new OwnerMail({
          emails: new PostgresEmails(db, storage.sealer),
          mailer: mailerBy(db),
          failed: (error) => failures.push(error),
        }),
      url: URL,
    })

    async function joinAs(role: 'OWNER' | 'DEVELOPER', partnerName: string, userId: string): Promise<void> {
      const partner = { id: partnerName, name: partnerName, createdAt: time }
      await stores.partners.insert(partner)
      const tokenHash = `${partnerName} ${userId}`
      const invite = { id: tokenHash, tokenHash, partnerId: partner.id, role, createdAt: time }
      await stores.invites.insert({ ...invite, expiresAt: time + DAY }, 10, time)
      await stores.invites.accept(tokenHash, { userId, name: userId }, partner, time)
    }

    /** The subjects of Ada's emails. */
    const subjects = async (): Promise<string[]> => {
      while ((await outbox.work()) > 0) continue
      assert.ok(sent.every(({ to }) => to === ADA))
      return sent.splice(0).map(({ subject = '' }) => subject)
    }
    const run = async (...flags: string[]): Promise<string> => {
      const { lines, isDone } = await rotateKeys(parts, new Set(flags))
      assert.equal(isDone, true)
      return lines.join('\n')
    }

    it('go to each owner with an address once, and the command names the other partners', async () => {
      const text = await run()
      assert.match(text, /^Owners who get an email: 1\. Owners without a confirmed address: 1\.$/m)
      assert.match(text, /^Tell these partners yourself: Bakery\.$/m)
      assert.equal(await run(), text)
      await tellOfNextKey(parts, time)
      assert.deepEqual(await subjects(), ['Add the next public key of sip.example.org to your sites'])
      assert.ok(!text.includes(ADA))
    })

    it('remind owners a week before the key may sign, and go to new addresses as well', async () => {
      await run()
      await subjects()
      await tellOfNextKey(parts, time + 23 * DAY - 1)
      assert.deepEqual(await subjects(), [])
      for (let i = 0; i < 2; i += 1) await tellOfNextKey(parts, time + 23 * DAY)
      assert.deepEqual(await subjects(), ['In a week, sip.example.org may sign with its next key'])
      await stores.emails.put('bob', ADA)
      await tellOfNextKey(parts, time)
      assert.deepEqual(await subjects(), ['Add the next public key of sip.example.org to your sites'])
    })

    it('say that the key signs, and that all keys were replaced', async () => {
      await tellOfNextKey(parts, time)
      assert.deepEqual(await subjects(), [])
      await run()
      await subjects()
      time += 31 * DAY
      assert.match(await run('activate'), /^Owners who get an email: 1\./m)
      assert.deepEqual(await subjects(), ['sip.example.org now signs with its next key'])
      assert.match(await run('compromised'), /^Tell these partners yourself: Bakery\.$/m)
      assert.deepEqual(await subjects(), ['Set the new keys of sip.example.org now'])
    })

    it('contain no key, and leave no address in the database', async () => {
      await run()
      const dump = await dumpOf(await open())
      assert.ok(!dump.includes(ADA))
      while ((await outbox.work()) > 0) continue
      for (const { text } of sent) for (const key of storage.keys.published) assert.ok(!text.includes(key))
    })

    it('are not needed to publish the key: without a mail server, the command names all partners', async () => {
      parts = partsWith(() => undefined)
      assert.match(await run(), /^Tell these partners yourself: Bakery, Kiosk, Shop\.$/m)
      assert.equal(storage.keys.published.length, 2)
    })

    it('are not needed to publish the key: while the outbox is full, the command names the others', async () => {
      parts = partsWith(() => ({ send: () => Promise.reject(new Error('full')) }))
      assert.match(await run(), /^Owners who get an email: 0\. .*\n.*: Bakery, Kiosk, Shop\.$/m)
      assert.equal(failures.length, 1)
      parts = partsWith(outboxBy)
      await run()
      assert.equal((await subjects()).length, 1)
    })

    it('leave out an owner whose address no secret opens, so that the keys can be replaced', async () => {
      await new PostgresEmails(storage.database.pool, new Sealer(['34'.repeat(32)])).put('bob', ADA)
      assert.match(await run('compromised'), /^Owners .*: 1\. .*: 1\.\nTell .*: Bakery\.$/m)
    })

    describe('are stored with the step', () => {
      const STEPS = {
        '': 'Add the next public key of sip.example.org to your sites',
        activate: 'sip.example.org now signs with its next key',
        compromised: 'Set the new keys of sip.example.org now',
      }
      for (const [step, subject] of Object.entries(STEPS)) {
        const flags = step === '' ? [] : [step]
        const title = ['rotate-keys', ...flags].join(' --')
        const prepare = async (): Promise<void> => {
          if (step === 'activate') await storage.keys.prepare()
          time += 31 * DAY
        }

        it(`so that none is lost if the process dies right after it: ${title}`, async () => {
          await prepare()
          storage.keys.refresh = () => Promise.reject(new Error('the process died'))
          await assert.rejects(rotateKeys(parts, new Set(flags)), /died/)
          assert.deepEqual(await subjects(), [subject])
        })

        it(`so that no step is done without them: ${title}`, async () => {
          await prepare()
          const { pool } = storage.database
          const keys = async (): Promise<unknown> =>
            (await pool.query('select pub_key, state from signing_keys order by state')).rows
          const before = await keys()
          await pool.query('alter table outbox rename to gone')
          await assert.rejects(rotateKeys(parts, new Set(flags)))
          await pool.query('alter table gone rename to outbox')
          assert.deepEqual(await keys(), before)
          assert.deepEqual(await subjects(), [])
          await run(...flags)
          assert.deepEqual(await subjects(), [subject])
        })
      }
    })
  })
})
