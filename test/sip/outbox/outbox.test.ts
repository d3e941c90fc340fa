import assert from 'node:assert/strict'
import { Outbox, SendingFailed } from '../../../sip/lib/outbox/outbox.ts'
import type { Outgoing } from '../../../sip/lib/outbox/outbox.ts'
import { OwnerMail } from '../../../sip/lib/partners/owner-mail.ts'
import { MemoryEmails } from '../../../sip/lib/store/memory-emails.ts'
import { MemoryOutbox } from '../../../sip/lib/store/memory-outbox.ts'
import type { EmailStore } from '../../../sip/lib/store/partner-stores.ts'
import { plainSeal } from '../support/seal.ts'

const MAIL = { to: 'finn@example.org', subject: 'Hello', text: 'Your code is ABCDEFGH.' }
const OWNER = { userId: 'a', partnerId: 'shop', partnerName: 'Shop', address: 'ada@example.org' }

describe('sip: the outbox', () => {
  let time: number
  let store: MemoryOutbox
  let sent: Outgoing[]
  let lines: string[]
  /** What happens at each send, the last one from then on. */
  let faults: (Error | undefined)[]
  beforeEach(() => {
    time = 1_000_000
    store = new MemoryOutbox()
    sent = []
    lines = []
    faults = [undefined]
  })
  const send = (message: Outgoing): Promise<void> => {
    sent.push(message)
    const fault = faults.length > 1 ? faults.shift() : faults[0]
    return fault ? Promise.reject(fault) : Promise.resolve()
  }
  const open = (senders = { email: send }): Outbox =>
    new Outbox({ store, seal: plainSeal, senders, clock: () => time, log: (line) => lines.push(line) })

  it('sends each message once', async () => {
    const outbox = open()
    await outbox.send(MAIL)
    assert.equal(await outbox.work(), 1)
    assert.equal(await outbox.work(), 0)
    const [{ id, ...message }] = sent as [Outgoing]
    assert.match(id, /^[\w-]{36}$/)
    assert.deepEqual(message, MAIL)
    assert.deepEqual(await store.count(), { waiting: 0, dead: 0 })
  })

  it('sends waiting and new messages once it is started', async () => {
    let arrived: () => void = () => undefined
    const outbox = open({
      email: async (message) => {
        await send(message)
        arrived()
      },
    })
    await outbox.send(MAIL)
    for (let i = 1; i <= 2; i += 1) {
      const arrival = new Promise<void>((resolve) => (arrived = resolve))
      if (i === 1) outbox.start()
      else await outbox.send(MAIL)
      await arrival
      assert.equal(sent.length, i)
    }
    await outbox.close()
    assert.deepEqual(await store.count(), { waiting: 0, dead: 0 })
  })

  it('tries again with growing pauses, under the same id', async () => {
    const outbox = open()
    await outbox.send(MAIL)
    faults = [new SendingFailed('away'), new Error('MAIL SERVER SAID finn@example.org'), undefined]
    for (const pause of [0, 5_000, 10_000]) {
      time += pause - 1
      assert.equal(await outbox.work(), 0)
      time += 1
      assert.equal(await outbox.work(), 1)
    }
    assert.equal(sent.length, 3)
    assert.equal(new Set(sent.map(({ id }) => id)).size, 1)
    assert.deepEqual(lines, [])
  })

  it('gives up a message that is refused for good, with the reason and no address', async () => {
    const outbox = open()
    await outbox.send(MAIL)
    faults = [new SendingFailed('the mail server: EENVELOPE 550', true)]
    await outbox.work()
    const [letter] = await store.dead(1)
    assert.deepEqual([letter?.reason, letter?.attempts], ['the mail server: EENVELOPE 550', 1])
    assert.match(lines[0]!, /^outbox: gave up a message by email after 1 attempts: the mail server/)
    assert.ok(!JSON.stringify([letter, lines]).includes('finn'))
  })

  it('gives up a message after too many tries, or once it is useless', async () => {
    const outbox = open()
    faults = [new Error('no')]
    await outbox.send({ ...MAIL, until: time + 60_000 })
    await outbox.send({ ...MAIL, until: Infinity })
    for (let i = 0; i < 250; i += 1) {
      await outbox.work()
      time += 3_600_000
    }
    assert.deepEqual((await store.dead(5)).map(({ attempts }) => attempts).sort(), [2, 50])
    assert.equal(sent.length, 51)
    await outbox.sweep()
    time += 30 * 24 * 3_600_000
    await outbox.sweep()
    assert.deepEqual(await store.dead(5), [])
  })

  it('loses no message when a worker stops, and sends it at most once more', async () => {
    const dying = open({ email: (message) => send(message).then(() => new Promise(() => undefined)) })
    await dying.send(MAIL)
    void dying.work()
    await new Promise((resolve) => setImmediate(resolve))
    assert.equal(sent.length, 1)
    const other = open()
    assert.equal(await other.work(), 0)
    time += 120_000
    assert.equal(await other.work(), 1)
    time += 120_000
    assert.equal(await other.work(), 0)
    assert.equal(sent.length, 2)
    assert.equal(sent[0]!.id, sent[1]!.id)
  })

  it('refuses codes while it is full, and loses no message about what has happened', async () => {
    const outbox = open()
    const message = { channel: 'email', sealed: '', until: Infinity, createdAt: time } as const
    for (let i = 0; i < 10_000; i += 1) await store.put({ ...message, id: String(i) }, undefined)
    await assert.rejects(outbox.send(MAIL), {
      status: 503,
      message: 'too many messages are waiting to be sent',
    })
    const emails: EmailStore = new MemoryEmails(() => [OWNER], new Map())
    const mail = new OwnerMail({ emails, mailer: outbox, failed: (error) => assert.fail(String(error)) })
    const { owners } = await mail.tellAll({ subject: 'A key is published', text: 'Set it.' })
    assert.equal(owners, 1)
    assert.equal((await store.count()).waiting, 10_001)
  })

  it('tries for five days to send a message about what has happened', async () => {
    const outbox = open()
    faults = [new SendingFailed('away')]
    await outbox.send(MAIL)
    const end = time + 5 * 24 * 3_600_000
    for (; time < end - 5 * 3_600_000; time += 1_800_000) await outbox.work()
    assert.deepEqual(await store.dead(1), [])
    for (; time < end; time += 1_800_000) await outbox.work()
    assert.equal((await store.dead(1)).length, 1)
  })

  it('survives a message that stops each worker', async () => {
    const outbox = open()
    await outbox.send({ ...MAIL, until: Infinity })
    for (let i = 0; i < 50; i += 1) {
      await store.take(1, time, time + 1)
      time += 1
    }
    await outbox.work()
    assert.equal((await store.dead(1))[0]?.reason, 'it was tried too often')
    assert.equal(sent.length, 0)
  })

  it('gives up text that was sealed for another message', async () => {
    const outbox = open()
    await outbox.send(MAIL)
    const [taken] = await store.take(1, time, time)
    await store.put({ ...taken!, id: 'other' }, 10)
    await store.remove(taken!)
    await outbox.work()
    assert.match((await store.dead(1))[0]!.reason, /does not open/)
    assert.equal(sent.length, 0)
  })

  it('sends no text messages without a sender for them', () => {
    assert.equal(open().texter, undefined)
  })
})
