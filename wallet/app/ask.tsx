import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { labelName, setName, Badge, Button, useNow } from 'civic-ui'
import type { WalletRequest } from '../lib/index.ts'
import { hasRevoked, headingOf, isPrivateLogin, labelsOf, missing, setsOf } from './asked.ts'
import { Asker } from './asker.tsx'
import { SetBadge } from './attested-set.tsx'
import { allHeld } from './identity.ts'
import type { Identity } from './identity.ts'
import { Face } from './initials.tsx'
import { useStore } from './store.ts'
import { Values } from './values.tsx'

/** A click within this time was meant for the previous screen. */
const CLICK_AFTER_MS = 1000

/** Who asks for what, with the buttons to approve and decline. */
export function Ask({
  request,
  identity,
  approve,
  decline,
  choose,
}: {
  request: WalletRequest
  identity: Identity
  approve: (optional: readonly string[]) => void
  decline: () => void
  choose: () => void
}): JSX.Element {
  const showsAttestations = identity.wallet.showsAttestations(request)
  const held = allHeld(identity)
  const offered = request.optionalLabels.filter((label) => held.some((other) => other.label === label))
  const [optional, setOptional] = useState<readonly string[]>(showsAttestations ? [] : offered)
  const isReady = useVisibleFor(CLICK_AFTER_MS)
  const isIncomplete = missing(identity, request).length > 0
  return (
    <>
      <div class="columns grow">
        <div class="stack">
          <h1 tabIndex={-1}>{headingOf(request)}</h1>
          {request.isTest && <p class="note wait">A test app. Nobody has checked who runs it.</p>}
          <Asker request={request} now={useNow()} />
        </div>
        <div class="stack">
          <Responder identity={identity} choose={choose} />
          <Shared request={request} identity={identity} />
          {offered.length > 0 && (
            <Optional
              labels={offered}
              ticked={optional}
              tick={setOptional}
              {...(showsAttestations && { warning: 'Lets sites recognize you' })}
            />
          )}
        </div>
      </div>
      <footer class="actions">
        <Button kind="plain" onClick={decline}>
          Decline
        </Button>
        <Button kind="primary" disabled={!isReady} onClick={() => approve(optional)}>
          Approve
        </Button>
        {isIncomplete && (
          <p class="small soft">Some details are not verified yet. Approve, and verify them next.</p>
        )}
        {hasRevoked(identity, request) && (
          <p class="small soft">The site will see that revoked details are no longer valid.</p>
        )}
      </footer>
    </>
  )
}

/** Whose response it is, where that is a choice. */
function Responder({ identity, choose }: { identity: Identity; choose: () => void }): JSX.Element | null {
  const { config } = useStore()
  if (config.testUsers === undefined) return null
  return (
    <div class="row card pad responder">
      <Face identity={identity} />
      <p class="grow">
        <span class="soft small">{identity.kind === 'own' ? 'You respond with' : 'You respond as'}</span>
        <strong>{identity.name}</strong>
      </p>
      <Button kind="quiet" onClick={choose}>
        Respond as somebody else
      </Button>
    </div>
  )
}

function Shared({ request, identity }: { request: WalletRequest; identity: Identity }): JSX.Element {
  const { labels, optionalLabels } = request
  if (labels.length === 0) {
    return (
      <section class="card pad stack tight" aria-labelledby="shares">
        <h2 id="shares">
          {isPrivateLogin(request) ? 'None of your details are shared' : 'No details are shared'}
        </h2>
        <p class="soft">
          The site gets a number that stands for {identity.kind === 'own' ? 'you' : identity.name} there, and
          at no other site.
          {optionalLabels.length > 0 && ' It can also learn that your identity was verified.'}
        </p>
      </section>
    )
  }
  const absent = missing(identity, request)
  return (
    <>
      {setsOf(labels).map((set) => (
        <section key={set} class="card pad stack tight" aria-labelledby={`shares-${set}`}>
          <div class="row">
            <h2 id={`shares-${set}`} class="grow">
              {setName(set)}
            </h2>
            {absent.includes(set) ? <Badge>Not verified</Badge> : <SetBadge set={set} identity={identity} />}
          </div>
          <Values labels={labelsOf(labels, set)} identity={identity} />
        </section>
      ))}
    </>
  )
}

function Optional({
  labels,
  ticked,
  tick,
  warning,
}: {
  labels: readonly string[]
  ticked: readonly string[]
  tick: (labels: readonly string[]) => void
  warning?: string
}): JSX.Element {
  return (
    <fieldset class="card pad stack tight">
      <legend class="unseen">Share as well, if you like</legend>
      <p class="strong" aria-hidden="true">
        Share as well, if you like
      </p>
      {labels.map((label) => (
        <label key={label} class="tick">
          <input
            type="checkbox"
            checked={ticked.includes(label)}
            onChange={({ currentTarget }) =>
              tick(currentTarget.checked ? [...ticked, label] : ticked.filter((other) => other !== label))
            }
          />
          <span>
            {labelName(label)}
            {warning !== undefined && <span class="soft small block">{warning}</span>}
          </span>
        </label>
      ))}
    </fieldset>
  )
}

/** Whether the page has been visible for this long without a break. */
function useVisibleFor(ms: number): boolean {
  const [isReady, setReady] = useState(false)
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const watch = (): void => {
      clearTimeout(timer)
      setReady(false)
      if (document.visibilityState === 'visible') timer = setTimeout(() => setReady(true), ms)
    }
    watch()
    document.addEventListener('visibilitychange', watch)
    return () => {
      clearTimeout(timer)
      document.removeEventListener('visibilitychange', watch)
    }
  }, [ms])
  return isReady
}
