/** The requests of a server to its cosigner (see routes.ts). */
import * as v from 'valibot'
import type { Attestation, Draft, Issuer as Parties } from 'civic-attestations'
import { CODE_LABELS } from '../attester/issued.ts'
import { fields } from '../http/schema.ts'

const Text = v.string('a text')
const Xpub = fields({ xpub: Text })

const HOST = 'a host name, with its port if it has one'

/** `POST codes` */
export const CodeCall = fields({
  label: v.picklist(CODE_LABELS, `one of ${CODE_LABELS.join(', ')}`),
  address: Text,
  publicKey: Text,
  source: v.optional(Text),
  /** It stands in the message, where a server that was taken over could write anything. */
  host: v.optional(
    v.pipe(v.string(HOST), v.regex(/^(?:[a-z\d.-]{1,253}|\[[\da-f:.]{2,45}\])(?::\d{1,5})?$/, HOST)),
  ),
})

/** `POST proofs` */
export const ProofCall = fields({ ...CodeCall.entries, code: v.optional(v.unknown()) })

/** `POST signatures`. The cosigner checks the contents of trees. */
export const SignCall = fields({
  parties: v.custom<Parties>((input) =>
    v.is(fields({ authority: fields({ xpub: Text, path: Text }), cosigners: v.tuple([Xpub, Xpub]) }), input),
  ),
  draft: v.custom<Draft>((input) => v.is(DraftForm, input)),
  trees: v.array(
    fields({
      attestations: v.custom<readonly Attestation[]>((input) => Array.isArray(input)),
      approval: v.optional(fields({ id: Text, key: Text, signature: Text })),
    }),
  ),
})

const DraftForm = fields({
  inputs: v.array(fields({ tx: Text, vout: v.number(), redeem: Text })),
  outputs: v.array(fields({ script: Text, value: v.number() })),
})
