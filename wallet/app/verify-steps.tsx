import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import type { WalletRequest } from '../lib/index.ts'
import { Button, setName } from 'civic-ui'
import { askerOf, labelsOf, missing, namesOf } from './asked.ts'
import type { Identity } from './identity.ts'
import { isPending, stateOf } from './set-state.ts'
import { Verify } from './verify.tsx'

/** Verifies the requested details that are not verified yet, one set at a time, and then sends the approval. */
export function VerifySteps({
  request,
  identity,
  done,
  decline,
}: {
  request: WalletRequest
  identity: Identity
  done: () => void
  decline: () => void
}): JSX.Element {
  const absent = missing(identity, request)
  const wanted = useRef(absent.length).current
  const next = absent.find((set) => !isPending(identity, set))
  const isOver = absent.length === 0
  useEffect(() => {
    if (isOver) done()
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
            <p class="soft">After that, the wallet sends your approval to {host}.</p>
            <Verify key={next} set={next} identity={identity} needed={labelsOf(request.labels, next)} />
          </>
        )}
        {!next && !isOver && (
          <>
            <h1 tabIndex={-1}>Not verified yet</h1>
            <p>{laterText(request, identity)}</p>
            <p class="soft">If it is quicker, the wallet sends your approval to {host}.</p>
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

/** When the pending details will be verified; undefined if the person must do something first. */
export function laterText(request: WalletRequest, identity: Identity): string | undefined {
  const sets = missing(identity, request)
  if (sets.length === 0 || !sets.every((set) => isPending(identity, set))) return undefined
  const { host } = askerOf(request)
  const names = namesOf(sets)
  return sets.some((set) => stateOf(identity, set) === 'review')
    ? `The attester checks ${names} first. Start again at ${host} when this wallet says “Verified”.`
    : `${names.charAt(0).toUpperCase()}${names.slice(1)} will be verified in about 10 minutes. Then start again at ${host}.`
}
