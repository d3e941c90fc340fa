import type { Settings } from './settings.ts'
import { postForm } from './request.ts'

/**
 * Tells the server that the person closed the dialog, so that no wallet can respond to the request any more.
 * Nothing waits for this: a request that is not cancelled expires.
 * @param verifier empty if a cookie binds the request to this browser
 */
export function cancelRequest({ requestUrl, direct }: Settings, uuid: string, verifier: string): void {
  const ignore = (): void => undefined
  postForm(`${direct?.url ?? requestUrl}/${uuid}/cancel`, { verifier }, ignore, ignore)
}
