import { approval, denial, sealAnswer } from '../lib/hosted/wallet-core.ts'
import type { Answer, RequestView } from '../lib/hosted/wallet-core.ts'
import { ask } from 'civic-ui'
import type { Holder } from './keep.ts'

/** The outcome of a response. */
export interface Outcome {
  readonly state: string
  /** Why the server has not decided yet. */
  readonly waiting?: string
  /** Where to continue, if the request came by a link on this device. */
  readonly redirectUri?: string
}

/** Reads a scope request, which binds it to this person's key. @throws Refusal */
export function readRequest({ key }: Holder, uuid: string): Promise<RequestView> {
  return ask(`POST /wallet/api/requests/${uuid}/read`, { xpub: key.xpub })
}

/** @throws Refusal with the server's reason, if what the wallet shares cannot be verified */
export function approve(holder: Holder, request: RequestView): Promise<Outcome> {
  const held = Object.values(holder.held).flatMap(({ attestations }) => attestations)
  return answer(holder, request, approval(request, holder.key, held))
}

export function deny(holder: Holder, request: RequestView): Promise<Outcome> {
  return answer(holder, request, denial(request, holder.key))
}

/** Asks for the outcome of a response that the server could not decide immediately. @throws Refusal as `approve` */
export function outcome({ key }: Holder, { uuid }: RequestView): Promise<Outcome> {
  return ask(`POST /wallet/api/requests/${uuid}/outcome`, { xpub: key.xpub })
}

function answer(holder: Holder, request: RequestView, content: Answer): Promise<Outcome> {
  return ask(`POST /wallet/api/requests/${request.uuid}/answer`, sealAnswer(content, request, holder.key))
}
