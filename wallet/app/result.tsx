import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { Button } from 'civic-ui'
import { askerOf } from './asked.ts'
import type { End } from './end.ts'

export function Result({ end, retry }: { end: End; retry: () => void }): JSX.Element {
  const { title, text, tone } = describe(end)
  const { confirm, redirectUri } = end.kind === 'approved' ? end : {}
  return (
    <div class="middle" role="status">
      <svg class={`icon ${tone}`} viewBox="0 0 48 48" aria-hidden="true" focusable="false">
        <circle cx="24" cy="24" r="22" />
        <path d={SIGNS[end.kind]} />
      </svg>
      <h1 tabIndex={-1}>{title}</h1>
      {end.kind === 'approved' && confirm !== undefined ? (
        <Confirm code={confirm} origin={askerOf(end.request).origin} />
      ) : (
        <p class="soft">{text}</p>
      )}
      {redirectUri !== undefined && (
        <a class="button primary wide" href={redirectUri}>
          Back to {new URL(redirectUri).host}
        </a>
      )}
      {end.kind === 'failed' && (
        <Button kind="primary" class="wide" onClick={retry}>
          Try again
        </Button>
      )}
      <a class="button plain wide" href="#">
        Back to the wallet
      </a>
    </div>
  )
}

/** The code to type in the browser where the login began. */
function Confirm({ code, origin }: { code: string; origin: string }): JSX.Element {
  const [isCopied, setCopied] = useState(false)
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(code)
    setCopied(true)
  }
  return (
    <div class="confirm card pad stack tight">
      <p>Type this code where you began.</p>
      <p class="digits" aria-label={code.replace(/\B/g, ' ')}>
        <span>{code.slice(0, 3)}</span> <span>{code.slice(3)}</span>
      </p>
      <p>
        <strong>Type it only at {origin}</strong>
      </p>
      {/* Without encryption browsers offer no clipboard */}
      {isSecureContext && (
        <Button kind="plain" onClick={() => void copy()}>
          {isCopied ? 'Copied' : 'Copy the code'}
        </Button>
      )}
    </div>
  )
}

const SIGNS: Readonly<Record<End['kind'], string>> = {
  approved: 'm14.5 24.5 6.5 6.5 12.5-13.5',
  declined: 'm17 17 14 14M31 17 17 31',
  later: 'M24 12v12.5l8 5',
  expired: 'M24 12v12.5l8 5',
  elsewhere: 'M24 21v13M24 14v.5',
  refused: 'M24 13v14M24 34v.5',
  failed: 'M24 13v14M24 34v.5',
}

function describe(end: End): { title: string; text: string; tone: 'good' | 'bad' | '' } {
  switch (end.kind) {
    case 'approved':
      return { title: 'Approved', text: `Continue at ${askerOf(end.request).host}.`, tone: 'good' }
    case 'declined':
      return {
        title: 'You declined this request.',
        text: `Nothing was shared with ${askerOf(end.request).host}.`,
        tone: '',
      }
    case 'later':
      return { title: 'Not verified yet', text: end.text, tone: '' }
    case 'expired':
      return {
        title: 'This request has expired',
        text: `Start again at ${end.request ? askerOf(end.request).host : 'the site'}, and scan the new code.`,
        tone: '',
      }
    case 'elsewhere':
      return {
        title: 'This request already has a response',
        text: 'A wallet has responded to it. Start again at the site if that was not you.',
        tone: '',
      }
    case 'refused':
      return {
        title: 'This request cannot be trusted',
        text: `Nothing was shared. ${end.reason}`,
        tone: 'bad',
      }
    case 'failed':
      return { title: 'That did not work', text: end.reason, tone: 'bad' }
  }
}
