import * as v from 'valibot'
import { verifyOffline } from 'civic-attestations'
import type { Attestation } from 'civic-attestations'

const Attested = v.custom<Attestation>(verifies, 'an attestation')
const Texts = v.record(v.string(), v.string('a text'))
const Pending = v.object({ claims: Texts, url: v.string('a URL'), root: v.exactOptional(v.string('a text')) })

/** What the wallet's page stores for a test user: the wallet's part, and members that only the page reads. */
export const KeptInPage = v.looseObject({
  wallet: v.exactOptional(
    v.object({
      attestations: v.array(Attested),
      pending: v.array(v.tuple([v.string('a text'), Pending])),
      sipIds: Texts,
    }),
  ),
})

function verifies(input: unknown): boolean {
  try {
    verifyOffline(input)
    return true
  } catch {
    return false
  }
}
