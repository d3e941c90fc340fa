import { generateKeyPairSync } from 'node:crypto'
import { HDKey } from '@scure/bip32'
import { EmbeddedLedger, anchor, findFunds, fundingScript, issue } from 'civic-attestations'
import { createSandbox } from 'civic-sip-sandbox'
import type { Sandbox } from 'civic-sip-sandbox'
import express from 'express'
import { Passport } from 'passport'
import { privateKeyHex, publicKeyHex } from 'passport-civic-sip/crypto'

let sandbox: Sandbox | undefined
let counted = 0

/** Counts a check that passed. */
export function count(): void {
  counted++
}

export function checks(): number {
  return counted
}

export async function end(): Promise<void> {
  await sandbox?.close()
}

function newKey(): HDKey {
  return HDKey.fromMasterSeed(crypto.getRandomValues(new Uint8Array(32)))
}

/** What the examples of docstrings use without making it. */
export async function make() {
  sandbox ??= await createSandbox()
  const options = sandbox.strategyOptions()
  const token = await sandbox.authCode()
  const accounts = { findOrCreate: (account: object): Promise<object> => Promise.resolve(account) }
  const verify = (userId: string): object => ({ userId })
  const redis = { sendCommand: (): Promise<string> => Promise.resolve('OK') }
  const passport = new Passport()
  const app = express()

  const [authority, cosigner, backup, user] = [newKey(), newKey(), newKey(), newKey()]
  const issuer = {
    authority: { xpub: authority.publicExtendedKey, path: '/0/0' },
    cosigners: [{ xpub: cosigner.publicExtendedKey }, { xpub: backup.publicExtendedKey }] as [
      { xpub: string },
      { xpub: string },
    ],
  }
  const ledger = new EmbeddedLedger()
  ledger.mine(fundingScript(issuer))
  const claims = { 'contact.personal.email': 'ada@example.org' }
  const issued = issue({ ...issuer, label: 'attCivicBasic', claims, subject: user.privateExtendedKey })
  const funds = await findFunds(ledger, issuer)
  const signers = [authority.privateExtendedKey, cosigner.privateExtendedKey] as const
  const { tx, attestations } = anchor({ attestations: issued, keys: signers, funds, network: 'tbch' })
  await ledger.broadcast(tx)
  ledger.mine()
  const attestation = attestations[0]!

  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const pubKey = publicKeyHex(pair.publicKey)
  const keys = { pubKey, prvKey: privateKeyHex(pair.privateKey) }
  const secret = '0123456789abcdef'.repeat(4)
  const mailer = { send: (): void => undefined }
  return {
    options,
    token,
    accounts,
    verify,
    redis,
    passport,
    app,
    authority,
    cosigner,
    backup,
    user,
    issuer,
    ledger,
    issued,
    attestation,
    pubKey,
    keys,
    secret,
    mailer,
  }
}
