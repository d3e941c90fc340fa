import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import type { AttestationSet } from 'passport-civic-sip/user-data'
import type { WalletRequest } from '../lib/index.ts'
import { Button, setName } from 'civic-ui'
import { askerOf, missing } from './asked.ts'
import { isPending } from './identity.ts'
import type { Identity } from './identity.ts'
import { Verify } from './verify.tsx'

/** What a request asks for and is not verified yet: one set at a time, and then the approval follows. */
export function VerifySteps({
  request,
  identity,
  done,
  later,
  decline,
}: {
  request: WalletRequest
  identity: Identity
  done: () => void
  later: (sets: readonly AttestationSet[]) => void
  decline: () => void
}): JSX.Element {
  const absent = missing(identity, request)
  const wanted = useRef(absent.length).current
  const next = absent.find((set) => !isPending(identity, set))
  const isOver = next === undefined
  useEffect(() => {
    if (!isOver) return
    if (absent.length === 0) done()
    else later(absent)
  }, [isOver])
  const { host } = askerOf(request)
  return (
    <>
      <div class="stack grow narrow">
        {next && (
          <>
            <p class="soft small">
              Step {wanted - absent.length + 1} of {wanted}
            </p>
            <h1 tabIndex={-1}>Verify: {setName(next)}</h1>
            <p class="soft">After that, your approval goes to {host}.</p>
            <Verify key={next} set={next} identity={identity} />
          </>
        )}
      </div>
      <footer class="actions">
        <Button kind="plain" onClick={decline}>
          Decline
        </Button>
      </footer>
    </>
  )
}
