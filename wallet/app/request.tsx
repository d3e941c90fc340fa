import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { WalletError } from '../lib/index.ts'
import type { Approved, WalletRequest } from '../lib/index.ts'
import { Button, useNow } from 'civic-ui'
import { Ask } from './ask.tsx'
import { askerOf, missing } from './asked.ts'
import { endOf } from './end.ts'
import type { End } from './end.ts'
import { isLoopback } from './identity.ts'
import type { Identity } from './identity.ts'
import { Question } from './question.tsx'
import { Result } from './result.tsx'
import { settle, wasOpenedHere } from './route.ts'
import { note } from './store.ts'
import { laterText, VerifySteps } from './verify-steps.tsx'

const RETRY_MS = 3000

type Step =
  | { readonly at: 'reading' }
  | { readonly at: 'question' | 'asked'; readonly request: WalletRequest }
  | { readonly at: 'verifying'; readonly request: WalletRequest; readonly optional: readonly string[] }
  | { readonly at: 'sending'; readonly request: WalletRequest; readonly why?: string }
  | { readonly at: 'end'; readonly end: End }

/** A request, from its link to its outcome. */
export function Request({
  link,
  identity,
  choose,
}: {
  link: string
  identity: Identity
  /** Another person should respond. */
  choose: () => void
}): JSX.Element {
  const [step, setStep] = useState<Step>({ at: 'reading' })
  const screen = useRef<HTMLDivElement>(null)
  const { wallet } = identity
  const read = (): void => {
    setStep({ at: 'reading' })
    wallet.read(link).then(
      (request) => setStep({ at: mustAsk(link, request, identity) ? 'question' : 'asked', request }),
      (error: unknown) => setStep({ at: 'end', end: endOf(error) }),
    )
  }
  useEffect(read, [link])
  useEffect(() => screen.current?.querySelector('h1')?.focus(), [step.at])

  const send = async (
    request: WalletRequest,
    act: () => Promise<Approved>,
    labels?: readonly string[],
  ): Promise<void> => {
    setStep({ at: 'sending', request })
    const { host } = askerOf(request)
    const outcome = labels ? 'approved' : 'declined'
    try {
      const approved = await repeated(act, (why) => setStep({ at: 'sending', request, why }))
      setStep({ at: 'end', end: { kind: outcome, request, ...approved } })
      await note(identity, { at: Date.now(), host, name: request.name, outcome, labels: labels ?? [] })
    } catch (error) {
      setStep({ at: 'end', end: endOf(error, request) })
    }
  }
  const approve = (request: WalletRequest, optional: readonly string[]): void => {
    if (missing(identity, request).length > 0) setStep({ at: 'verifying', request, optional })
    else void send(request, () => wallet.approve(request, { optional }), [...request.labels, ...optional])
  }
  const decline = (request: WalletRequest): void => {
    const act = async (): Promise<Approved> => {
      await wallet.decline(request)
      return {}
    }
    void send(request, act)
  }

  return (
    <div ref={screen} class="fill">
      {step.at === 'reading' && <Busy title="Opening the request…" />}
      {step.at === 'question' && (
        <Question
          request={step.request}
          yes={() => {
            settle(link)
            setStep({ at: 'asked', request: step.request })
          }}
          no={() => decline(step.request)}
        />
      )}
      {step.at === 'asked' && (
        <Ask
          request={step.request}
          identity={identity}
          approve={(optional) => approve(step.request, optional)}
          decline={() => decline(step.request)}
          choose={choose}
        />
      )}
      {step.at === 'verifying' && (
        <VerifySteps
          request={step.request}
          identity={identity}
          done={() => approve(step.request, step.optional)}
          decline={() => decline(step.request)}
        />
      )}
      {step.at === 'sending' && (
        <Busy
          title={step.why === undefined ? 'Sending your response…' : 'Waiting for the site'}
          {...(step.why !== undefined && { text: step.why })}
        />
      )}
      {step.at === 'end' && <Result end={step.end} retry={read} />}
      {(step.at === 'question' || step.at === 'asked' || step.at === 'verifying') && (
        <Expiry
          request={step.request}
          expire={() => {
            const text = step.at === 'verifying' ? laterText(step.request, identity) : undefined
            const end: End =
              text === undefined ? { kind: 'expired', request: step.request } : { kind: 'later', text }
            setStep({ at: 'end', end })
          }}
        />
      )}
    </div>
  )
}

/** A link can come from anybody. Only the person knows whether it is their login. */
function mustAsk(link: string, { channel }: WalletRequest, { kind }: Identity): boolean {
  if (wasOpenedHere(link) || channel === 'link') return false
  return kind !== 'test' || !isLoopback(location.hostname)
}

/** Sends the same response again until the requester can decide. */
async function repeated(act: () => Promise<Approved>, waiting: (why: string) => void): Promise<Approved> {
  for (;;) {
    try {
      return await act()
    } catch (error) {
      if (!(error instanceof WalletError) || error.status !== 503) throw error
      waiting('It cannot check your response at the moment. This page tries again.')
      const { retryAfter } = error
      await new Promise((resolve) =>
        setTimeout(resolve, retryAfter === undefined ? RETRY_MS : retryAfter * 1000),
      )
    }
  }
}

function Expiry({ request, expire }: { request: WalletRequest; expire: () => void }): JSX.Element | null {
  const isExpired = useNow() >= request.expiresAt
  useEffect(() => {
    if (isExpired) expire()
  }, [isExpired])
  return null
}

export function Busy({ title, text }: { title: string; text?: string }): JSX.Element {
  return (
    <div class="middle" role="status">
      <div class="spinner" />
      <h1 tabIndex={-1}>{title}</h1>
      {text !== undefined && <p class="soft">{text}</p>}
      {text !== undefined && (
        <Button kind="quiet" onClick={() => (location.hash = '')}>
          Stop
        </Button>
      )}
    </div>
  )
}
