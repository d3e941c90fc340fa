import { HttpError } from '../http/http.ts'
import { sameText } from '../same-text.ts'
import type { Requests } from './requests.ts'
import { isWaiting } from './scope-request.ts'
import type { ScopeRequest } from './scope-request.ts'
import type { Confirming } from './wire.ts'

/** The most codes to compare for one request. */
const TRIES = 3

/**
 * Gives an approved request's authorization code to the requesting browser if it proves that the person who approved is
 * there: by the six digits that the wallet shows, or by the response code from a wallet on the same device
 * (docs/wallet-protocol.md#hosted). A try is claimed before its code is compared.
 *
 * @param codes `{ code }` or `{ responseCode }`, unchecked
 * @throws HttpError 403 if the code is wrong or missing; 409 if no wallet has approved yet; 410 if the request is over
 */
export async function confirmRequest(
  requests: Requests,
  request: ScopeRequest,
  { code, responseCode }: Confirming,
): Promise<void> {
  const { uuid, state, channel, confirmCode } = request
  if (isWaiting(request)) throw new HttpError(409, 'no wallet has approved the scope request yet')
  if (state !== 'approved' && state !== 'granted') throw over()
  if (confirmCode === undefined) return
  const given = channel === 'link' ? responseCode : code
  if (given === undefined || given === '') throw wrong()
  const slot = await requests.claim(uuid, 'try', TRIES)
  if (slot === undefined) throw over()
  if (!sameText(given, confirmCode)) {
    if (slot === TRIES) await requests.tryMove(request, 'end tries')
    throw wrong()
  }
  // The same code again, for example after a lost response, changes nothing
  if (state === 'granted' || (await requests.confirm(request))) return
  const { state: now } = await requests.get(uuid)
  if (now !== 'granted') throw over()
}

function wrong(): HttpError {
  return new HttpError(403, 'these are not the digits that the wallet shows')
}

function over(): HttpError {
  return new HttpError(410, 'the scope request is over: start again')
}
