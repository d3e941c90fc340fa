/** The requests of pages, the iframe page and native apps. Fields that other clients add are ignored. */
import * as v from 'valibot'
import { fields } from '../http/schema.ts'

/** A string. Anything else counts as absent. */
const Text = v.fallback(v.optional(v.string()), undefined)
/** Checked where it is used. */
const Unverified = v.optional(v.unknown())

/** A new scope request (docs/protocol.md#qr-request). */
export const Asking = fields({
  appId: Text,
  /** The scope request: a name or, from the first clients, labels. */
  verificationLevel: Unverified,
  scopeRequest: Unverified,
  attributes: Unverified,
  challenge: Unverified,
  /** `link`: the wallet is on the same device. */
  channel: Text,
  /** From an iframe page that makes the request for the site's page. */
  ticket: Unverified,
  embedder: Text,
  /** From a native app (docs/protocol.md#native-apps). */
  mobileId: Text,
})
export type Asking = v.InferOutput<typeof Asking>

/** The page where the person continues after the approval. */
export const WayBack = fields({ url: Unverified })

/** From a browser whose dialog the person closed. */
export const Cancelling = fields({ verifier: Text })

/** The code that proves that the person who approved is there. */
export const Confirming = fields({ code: Text, responseCode: Text })
export type Confirming = v.InferOutput<typeof Confirming>

/** A native app's authorization code token. */
export const AppCode = fields({ jwtToken: Unverified })
