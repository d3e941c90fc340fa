import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { Server } from 'node:http'
import { signSubject } from 'civic-attestations'
import { createSandbox } from 'civic-sip-sandbox'
import type { Sandbox } from 'civic-sip-sandbox'
import { walletKey } from '../support/attesting.ts'
import { fuzz, routesOf } from '../support/fuzz.ts'
import type { Material, Route } from '../support/fuzz.ts'
import { authorization } from '../support/partner.ts'
import { Page } from '../support/page.ts'

/** Routes that a middleware answers, whose paths no router keeps. */
const OTHERS: readonly Route[] = [
  { method: 'GET', path: '/ledger/tx/:txid' },
  { method: 'GET', path: '/ledger/tx/:txid/outspend/:vout' },
  { method: 'GET', path: '/ledger/scripthash/:txid/utxo' },
  { method: 'POST', path: '/ledger/tx' },
  { method: 'GET', path: '/dashboard/:file' },
]

async function appOf(sandbox: Sandbox): Promise<{ readonly router: unknown }> {
  let server: Server | undefined
  const note = (message: unknown): void => {
    server = (message as { server: Server }).server
  }
  subscribe('http.server.request.start', note)
  await fetch(sandbox.url)
  unsubscribe('http.server.request.start', note)
  return server!.listeners('request')[0] as unknown as { readonly router: unknown }
}

describe('sandbox: hostile input', () => {
  let sandbox: Sandbox
  const complaints: unknown[] = []
  const { error } = console

  before(async () => {
    sandbox = await createSandbox()
    console.error = (...args: unknown[]) => void complaints.push(args)
  })
  after(async () => {
    console.error = error
    await sandbox.close()
  })

  it('makes no route fail or write to the terminal', async () => {
    const app = await appOf(sandbox)
    const isDeletion = ({ method }: Route): boolean => method === 'DELETE'
    const all = [...routesOf(app), ...OTHERS]
    // What is there is deleted last.
    const routes = [...all.filter((route) => !isDeletion(route)), ...all.filter(isDeletion)]
    assert.ok(routes.length > 40, `${routes.length} routes`)
    const material = await materialOf(sandbox)
    for (const route of routes) {
      await fuzz(sandbox.url, route, material, ({ status, text }, sent) => {
        assert.ok(status < 500, `${status} to ${sent}`)
        assert.doesNotMatch(text, /node_modules|\bat .*\.[jt]s:\d+/, sent)
      })
    }
    assert.deepEqual(complaints, [])
    assert.equal((await fetch(sandbox.url)).status, 200)
  })
})

/** Bodies as the pages, wallets, partners and developers send them. */
async function materialOf(sandbox: Sandbox): Promise<Material> {
  const partner = sandbox.strategyOptions()
  const { appId } = partner
  const authToken = await sandbox.authCode()
  const key = walletKey(createHash('sha512').update('fuzz').digest())
  const { xpub } = key
  const uuid = await new Page(sandbox).uuid()
  const other = await new Page(sandbox).uuid()
  await sandbox.wallet('alice').read(other)
  const attestation = {
    label: 'attCivicResidence',
    xpub,
    claims: { 'documents.address.city': 'Amaurot' },
  }
  const subject = signSubject({ label: attestation.label, data: '0'.repeat(64) }, key.xprv)
  const asked = await fetch(`${sandbox.url}/attester/attestations`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(attestation),
  })
  const { id } = (await asked.json()) as { id: string }
  const { txid, vout } = sandbox.wallet('alice').attestations()[0]!
  const challenge = '0'.repeat(64)
  const body = { authToken, allowS3UploadedPayload: true }
  return {
    bodies: [
      [/^\/dev\/authCode/, { appId, user: 'bob', scopeRequest: 'BASIC_SIGNUP' }],
      [
        /^\/dev\/authCode/,
        { user: { id: 'x', document: { type: 'Passport' }, address: { city: 'Amaurot' } } },
      ],
      [
        /apps/,
        { name: 'Shop', whitelist: ['http://localhost:3000'], scopes: ['Login'], environment: 'test' },
      ],
      [/revoke/, { txid, vout }],
      [/callback/, { answer: 'a.b.c.d.e' }],
      [/confirm/, { code: '000000', responseCode: 'x' }],
      [/return/, { url: 'http://localhost:3000/' }],
      [/codes$/, { xpub, label: 'contact.personal.email', value: 'eve@example.org' }],
      [/attestations$/, { ...attestation, codes: { 'contact.personal.email': 'ABCD1234' } }],
      [/attestations\/:id/, { subject }],
      [/revocations/, { xpub, label: attestation.label, signature: subject.signature }],
      [/people/, { id: 'x', name: 'Eve', email: 'eve@example.org', document: { number: '1' } }],
      [/qrcode/, { appId, verificationLevel: 'civicBasic', challenge }],
      [/qrcode/, { appId, attributes: ['contact.personal.email'], challenge }],
      [/verifyPartner/, { appId, mobileId: 'org.example.app', scopeRequest: 'civicBasic', challenge }],
      [/scopeRequest\/authCode/, body],
    ],
    parameters: {
      stage: ['prod'],
      version: ['1.0'],
      appId: [appId],
      uuid: [uuid, other],
      keyId: ['00000000'],
      id: ['alice', id],
      txid: [txid],
      vout: [String(vout), '99999999999'],
      file: ['index.html', 'frame.js'],
    },
    headers: [
      { Authorization: authorization(partner, body) },
      { Origin: 'http://localhost:3000' },
      { Origin: 'null', 'X-Civic-Verifier': 'x'.repeat(2000) },
      { Authorization: 'Civic a.b.c.d' },
    ],
  }
}
