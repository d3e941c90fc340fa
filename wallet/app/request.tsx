import type { JSX } from 'preact'
import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import type { RequestView } from '../lib/hosted/wallet-core.ts'
import { Refusal } from 'civic-ui'
import { Badge, Button } from 'civic-ui'
import { useEvery, useNow } from 'civic-ui'
import { approve, deny, outcome, readRequest } from './answering.ts'
import type { Outcome } from './answering.ts'
import type { Holder } from './keep.ts'
import { Result } from './result.tsx'
import type { End } from './result.tsx'
import { Requester } from './requester.tsx'
import { mustVerify, Shared } from './shared-labels.tsx'

const OUTCOME_MS = 1500

type Step =
  | { readonly at: 'reading' }
  | { readonly at: 'asked'; readonly request: RequestView }
  | { readonly at: 'sending'; readonly request: RequestView }
  | { readonly at: 'waiting'; readonly request: RequestView; readonly why: string }
  | { readonly at: 'end'; readonly end: End }

/** A scope request, from the scanned code to its outcome. */
export function Request({ uuid, holder }: { uuid: string; holder: Holder }): JSX.Element {
  const [step, setStep] = useState<Step>({ at: 'reading' })
  const screen = useRef<HTMLDivElement>(null)
  const fail = (error: unknown): void => setStep({ at: 'end', end: endOf(error as Error) })

  useEffect(() => {
    readRequest(holder, uuid).then((request) => setStep({ at: 'asked', request }), fail)
  }, [uuid])
  useEffect(() => screen.current?.querySelector('h1')?.focus(), [step.at])

  const settle = (request: RequestView, { state, waiting, redirectUri }: Outcome): void => {
    if (waiting !== undefined) setStep({ at: 'waiting', request, why: waiting })
    else if (state === 'denied') setStep({ at: 'end', end: { kind: 'denied', request } })
    else setStep({ at: 'end', end: { kind: 'approved', request, ...wayBack(request, redirectUri) } })
  }
  const send = (request: RequestView, give: typeof approve): void => {
    setStep({ at: 'sending', request })
    // The response may be refused before anything is sent
    Promise.resolve()
      .then(() => give(holder, request))
      .then((result) => settle(request, result))
      .catch(fail)
  }
  const ask = useCallback(async () => {
    if (step.at !== 'waiting') return
    try {
      settle(step.request, await outcome(holder, step.request))
    } catch (error) {
      // Without a response, nothing is known yet
      if (!(error instanceof Refusal && error.status === 0)) fail(error)
    }
  }, [step])
  useEvery(OUTCOME_MS, ask, step.at === 'waiting')

  return (
    <div ref={screen} class="fill">
      {step.at === 'reading' && <Busy title="Opening the request…" />}
      {step.at === 'sending' && <Busy title="Sending your response…" />}
      {step.at === 'waiting' && <Busy title="Waiting for the blockchain" text={step.why} />}
      {step.at === 'end' && <Result end={step.end} />}
      {step.at === 'asked' && (
        <Asked
          request={step.request}
          holder={holder}
          approve={() => send(step.request, approve)}
          deny={() => send(step.request, deny)}
          expire={() => setStep({ at: 'end', end: { kind: 'expired' } })}
        />
      )}
    </div>
  )
}

function Asked({
  request,
  holder,
  approve,
  deny,
  expire,
}: {
  request: RequestView
  holder: Holder
  approve: () => void
  deny: () => void
  expire: () => void
}): JSX.Element {
  const now = useNow()
  const isExpired = now >= request.expiresAt
  useEffect(() => {
    if (isExpired) expire()
  }, [isExpired])
  const isBlocked = mustVerify(holder, request)
  return (
    <>
      <div class="stack grow">
        <h1 tabIndex={-1}>
          {request.appName} {request.isTest && <Badge tone="wait">test</Badge>}
        </h1>
        <Requester request={request} now={now} />
        <Shared request={request} holder={holder} />
      </div>
      <footer class="actions">
        <Button kind="plain" onClick={deny}>
          Decline
        </Button>
        <Button
          kind="primary"
          disabled={isBlocked}
          onClick={approve}
          {...(isBlocked && { 'aria-describedby': 'why-not' })}
        >
          Approve
        </Button>
        {isBlocked && (
          <p id="why-not" class="small soft">
            To approve, verify the details above first.
          </p>
        )}
      </footer>
    </>
  )
}

function Busy({ title, text }: { title: string; text?: string }): JSX.Element {
  return (
    <div class="middle" role="status">
      <div class="spinner" />
      <h1 tabIndex={-1}>{title}</h1>
      {text !== undefined && <p class="soft">{text}</p>}
    </div>
  )
}

/** The way back, only if it leads to the site that the person saw and approved. */
function wayBack({ origin }: RequestView, redirectUri = ''): { back?: string } {
  const isSite = URL.canParse(redirectUri) && new URL(redirectUri).origin === origin
  return isSite && /^https?:/.test(redirectUri) ? { back: redirectUri } : {}
}

/** The server responds with 422 if attestations cannot be verified; the request has then ended. */
function endOf(error: Error): End {
  const status = error instanceof Refusal ? error.status : 0
  if (status === 410) return { kind: 'expired' }
  return { kind: status === 422 ? 'refused' : 'failed', reason: error.message }
}
