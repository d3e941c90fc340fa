import type { JSX } from 'preact'
import type { RequestView } from '../lib/hosted/wallet-core.ts'

/** How a request ended. */
export type End =
  | {
      readonly kind: 'approved'
      readonly request: RequestView
      /** Where the site continues, if it waits on this device. */
      readonly back?: string
    }
  | { readonly kind: 'denied'; readonly request: RequestView }
  | { readonly kind: 'expired' }
  | { readonly kind: 'refused' | 'failed'; readonly reason: string }

export function Result({ end }: { end: End }): JSX.Element {
  const { title, text, tone } = describe(end)
  const back = end.kind === 'approved' ? end.back : undefined
  return (
    <div class="middle" role="status">
      <svg class={`icon ${tone}`} viewBox="0 0 48 48" aria-hidden="true" focusable="false">
        <circle cx="24" cy="24" r="22" />
        <path d={SIGNS[end.kind]} />
      </svg>
      <h1 tabIndex={-1}>{title}</h1>
      <p class="soft">{text}</p>
      {back !== undefined && (
        <a class="button primary wide" href={back}>
          Back to {new URL(back).host}
        </a>
      )}
      <a class={`button ${back === undefined ? 'primary' : 'plain'} wide`} href="#">
        Back to the wallet
      </a>
    </div>
  )
}

const SIGNS: Readonly<Record<End['kind'], string>> = {
  approved: 'm14.5 24.5 6.5 6.5 12.5-13.5',
  denied: 'm17 17 14 14M31 17 17 31',
  expired: 'M24 12v12.5l8 5',
  refused: 'M24 13v14M24 34v.5',
  failed: 'M24 13v14M24 34v.5',
}

function describe(end: End): { title: string; text: string; tone: 'good' | 'bad' | '' } {
  switch (end.kind) {
    case 'approved':
      return { title: 'Approved', text: `Continue at ${end.request.appName}, in your browser.`, tone: 'good' }
    case 'denied':
      return {
        title: 'You declined this request.',
        text: `Nothing was shared with ${end.request.appName}.`,
        tone: '',
      }
    case 'expired':
      return { title: 'This code has expired', text: 'Get a new code from the site and scan it.', tone: '' }
    case 'refused':
      return { title: 'Could not be verified', text: `Nothing was shared. ${end.reason}`, tone: 'bad' }
    case 'failed':
      return { title: 'That did not work', text: end.reason, tone: 'bad' }
  }
}
