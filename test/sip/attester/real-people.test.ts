import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import type { Mail, TextMessage } from 'civic-sip-server'
import { attest, attesterAt, walletKey } from '../../support/attesting.ts'
import { EMAIL, PHONE } from '../../support/sandbox-attester.ts'
import { AttesterServer } from '../support/attester-server.ts'

const NUMBER = '+1 202 555 0143'
const CLAIMS = { [EMAIL]: 'finn@example.org', [PHONE]: NUMBER }

describe('sip: attesting to real people', () => {
  let server: AttesterServer
  let mails: Mail[]
  let texts: TextMessage[]
  afterEach(() => server.stop())
  const ask = <T>(call: string, body?: object): Promise<T> => server.ask(call, body)
  const open = async ({ phones, emails = true }: { phones: boolean; emails?: boolean }): Promise<void> => {
    mails = []
    texts = []
    server = await AttesterServer.start({
      ...(emails && { mailer: { send: (mail: Mail) => void mails.push(mail) } }),
      ...(phones && { texter: { send: (text: TextMessage) => void texts.push(text) } }),
    })
  }
  const codeIn = (message: { text: string } | undefined): string => /\b[2-9B-Z]{8}\b/.exec(message!.text)![0]

  it('proves an email address and a phone number by a code each', async () => {
    await open({ phones: true })
    const key = walletKey(randomBytes(32))
    const { xpub } = key
    await ask('POST /attester/codes', { xpub, label: EMAIL, value: CLAIMS[EMAIL] })
    await ask('POST /attester/codes', { xpub, label: PHONE, value: NUMBER })
    assert.deepEqual([mails[0]?.to, texts[0]?.to], ['finn@example.org', NUMBER])
    const codes = { [EMAIL]: codeIn(mails[0]), [PHONE]: codeIn(texts[0]) }
    const wish = { set: 'attCivicBasic', claims: CLAIMS } as const
    const attester = attesterAt(ask, '/attester')
    for (const wrong of [
      { ...codes, [PHONE]: codes[EMAIL] },
      { ...codes, [EMAIL]: undefined as never },
    ]) {
      await assert.rejects(
        attest(attester, { ...wish, codes: wrong }, key),
        /^Error: 403 the code is not the one/,
      )
    }
    // A right code beside a wrong one is used up
    await ask('POST /attester/codes', { xpub, label: EMAIL, value: CLAIMS[EMAIL] })
    const made = await attest(attester, { ...wish, codes: { ...codes, [EMAIL]: codeIn(mails[1]) } }, key)
    assert.equal(made.state, 'attested')
  })

  it('proves no other claim by a code, and sends no code to an invalid address', async () => {
    await open({ phones: true })
    const { xpub } = walletKey(randomBytes(32))
    for (const [label, value] of [
      [EMAIL, NUMBER],
      [PHONE, 'finn@example.org'],
      [PHONE, '202 555 0143'],
      ['documents.genericId.name', 'Finn'],
      ['constructor', 'Finn'],
    ]) {
      await assert.rejects(ask('POST /attester/codes', { xpub, label, value }), /^Error: 400/)
    }
    assert.deepEqual([mails, texts], [[], []])
  })

  it('attests to no email address without a way to send codes', async () => {
    await open({ phones: true, emails: false })
    assert.deepEqual(Object.keys(server.sip.labels), [PHONE])
    const key = walletKey(randomBytes(32))
    await ask('POST /attester/codes', { xpub: key.xpub, label: PHONE, value: NUMBER })
    const wish = {
      set: 'attCivicBasic',
      claims: { [PHONE]: NUMBER },
      codes: { [PHONE]: codeIn(texts[0]) },
    } as const
    assert.equal((await attest(attesterAt(ask, '/attester'), wish, key)).state, 'attested')
  })

  it('attests only to what it can check, and says what that is', async () => {
    await open({ phones: false })
    const { labels } = await ask<{ labels: unknown }>('GET /attester')
    assert.deepEqual(labels, { [EMAIL]: { set: 'attCivicBasic', check: 'code' } })
    assert.deepEqual(server.sip.labels, labels)
    const { xpub } = walletKey(randomBytes(32))
    for (const [label, claims] of [
      ['attCivicBasic', CLAIMS],
      ['attCivicResidence', { 'documents.address.city': 'Amaurot' }],
      ['attCivicIdentity', { 'documents.genericId.name': 'Finn Frost' }],
    ] as const) {
      await assert.rejects(
        ask('POST /attester/attestations', { label, xpub, claims }),
        /^Error: 403 .*cannot check it/,
      )
    }
    await assert.rejects(
      ask('POST /attester/codes', { xpub, label: PHONE, value: NUMBER }),
      /^Error: 400 label: one of/,
    )
    const response = await fetch(`${server.origin}/dashboard/api/settings`)
    const { scopeRequests } = (await response.json()) as {
      scopeRequests: { name: string; unattested: string[] }[]
    }
    assert.deepEqual(scopeRequests.find(({ name }) => name === 'BASIC_SIGNUP')?.unattested, [PHONE])
  })
})
