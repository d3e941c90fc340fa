/** What pages, the iframe page and native apps send about scope requests. Fields that other clients add are ignored. */
import * as v from 'valibot'
import { fields } from '../http/schema.ts'

/** A text. Anything else counts as absent. */
const Text = v.fallback(v.optional(v.string()), undefined)
/** Checked where it is used. */
const Unverified = v.optional(v.unknown())

/** A new scope request (docs/protocol.md#qr-request). */
export const Asking = fields({
  appId: Text,
  /** What is asked for: a name, or, of the first clients, labels. */
  verificationLevel: Unverified,
  scopeRequest: Unverified,
  attributes: Unverified,
  challenge: Unverified,
  /** `link`: the wallet is on the same device. */
  channel: Text,
  /** Of an iframe page that asks in the place of the site's page. */
  ticket: Unverified,
  embedder: Text,
  /** Of a native app (docs/protocol.md#native-apps). */
  mobileId: Text,
})
export type Asking = v.InferOutput<typeof Asking>

/** Where the person goes on after the approval. */
export const WayBack = fields({ url: Unverified })

/** Of a browser whose person closed the dialog. */
export const Cancelling = fields({ verifier: Text })

/** What shows that the person who approved is there. */
export const Confirming = fields({ code: Text, responseCode: Text })
export type Confirming = v.InferOutput<typeof Confirming>

/** A native app's code. */
export const AppCode = fields({ jwtToken: Unverified })
