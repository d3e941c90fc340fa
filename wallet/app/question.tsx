import type { JSX } from 'preact'
import type { WalletRequest } from '../lib/index.ts'
import { Button } from 'civic-ui'
import { askerOf } from './asked.ts'

/** Asks before a request that a link opened, because the link can be another person's login. */
export function Question({
  request,
  yes,
  no,
}: {
  request: WalletRequest
  yes: () => void
  no: () => void
}): JSX.Element {
  const { origin } = askerOf(request)
  const question =
    request.channel === 'app'
      ? 'Did you start this in an app on this phone?'
      : `Do you see this code at ${origin}, on another screen?`
  return (
    <>
      <div class="stack grow narrow">
        <h1 tabIndex={-1}>{question}</h1>
        <p class="soft">
          Somebody can send you the link of their own login. If you approve it, they are logged in as you.
        </p>
      </div>
      <footer class="actions">
        <Button kind="plain" onClick={no}>
          No, decline
        </Button>
        <Button kind="plain" onClick={yes}>
          Yes
        </Button>
      </footer>
    </>
  )
}
