import { EmbeddedLedger, anchor, findFunds, fundingScript, issue } from 'civic-attestations'
import type { Attestation } from 'civic-attestations'
import { person } from './recorded.ts'
import type { Person } from './recorded.ts'

const KEYS = { authority: person('authority'), one: person('cosigner one'), two: person('cosigner two') }

/** An issuer, with its private keys. */
export const ISSUER = {
  authority: { xpub: KEYS.authority.xpub, path: '/0/0/11/1221' },
  cosigners: [{ xpub: KEYS.one.xpub }, { xpub: KEYS.two.xpub }] as [{ xpub: string }, { xpub: string }],
}
export const SIGNERS = [KEYS.authority.xprv, KEYS.one.xprv] as const
export const SECOND_COSIGNER = KEYS.two.xprv
export const authorities = [KEYS.authority.xpub]

/** A clock that stands still, so that a ledger's blocks are the same in every run. */
export function now(): number {
  return Date.UTC(2018, 1, 14)
}

/** A ledger with one block that pays the issuer. */
export function fundedLedger(issuer = ISSUER): EmbeddedLedger {
  const ledger = new EmbeddedLedger({ now })
  ledger.mine(fundingScript(issuer))
  return ledger
}

export const CLAIMS = {
  'contact.personal.email': 'ada@example.org',
  'contact.personal.phoneNumber': '+1 202 555 0143',
}

export function issueTo(holder: Person, claims: Record<string, string> = CLAIMS): Attestation[] {
  return issue({ ...ISSUER, label: 'attCivicBasic', claims, subject: holder.xprv })
}

/** Issues and anchors, without a block yet. */
export async function anchorTo(
  ledger: EmbeddedLedger,
  attestations: Attestation[],
): Promise<ReturnType<typeof anchor>> {
  const funds = await findFunds(ledger, ISSUER)
  const anchored = anchor({ attestations, keys: SIGNERS, funds, network: ledger.network })
  await ledger.broadcast(anchored.tx)
  return anchored
}
