/** The requests of wallets to the attester (see routes.ts). Fields that a later wallet adds are ignored. */
import * as v from 'valibot'
import { ATTESTATION_SETS } from 'passport-civic-sip/user-data'
import { fields } from '../http/schema.ts'

const EMAIL = 'an email address'

const Xpub = v.string('a BIP-32 extended public key')
const Set = v.picklist(ATTESTATION_SETS, `one of ${ATTESTATION_SETS.join(', ')}`)
/** The attester verifies it later. */
const Unverified = v.optional(v.unknown())

/** `POST codes` */
export const CodeWish = fields({
  /** A label that this attester proves by a code. */
  label: v.string('a label'),
  /** An email address or a phone number. */
  value: v.string(EMAIL),
  xpub: Xpub,
})
export type CodeWish = v.InferOutput<typeof CodeWish>

/** `POST attestations` */
export const AttestationWish = fields({
  label: Set,
  xpub: Xpub,
  claims: Unverified,
  /** A JPEG or PNG in base64 that proves the claims, for a reviewer. */
  picture: v.optional(v.string('a picture in base64')),
  /** Label to the code that proves it. Anything but a string is a wrong code. */
  codes: v.optional(v.fallback(v.record(v.string(), v.unknown()), {}), {}),
})
export type AttestationWish = v.InferOutput<typeof AttestationWish>

/** `PUT attestations/{id}` */
export const Signed = fields({ subject: Unverified })

/** `POST revocations` */
export const OwnRevocation = fields({ label: Set, xpub: Xpub, signature: Unverified })
export type OwnRevocation = v.InferOutput<typeof OwnRevocation>
