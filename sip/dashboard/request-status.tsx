import type { JSX } from 'preact'
import { Badge } from 'civic-ui'
import type { Tone } from 'civic-ui'
import type { Activity } from './api.ts'

const TONES = {
  created: 'plain',
  read: 'wait',
  approved: 'wait',
  granted: 'good',
  exchanged: 'good',
  denied: 'bad',
  expired: 'plain',
  failed: 'bad',
  'exchange failed': 'bad',
} as const satisfies Readonly<Record<string, Tone>>

/** The state of a request, as the dashboard shows it. */
export type Status = keyof typeof TONES

export const STATUSES = Object.keys(TONES) as readonly Status[]

/** The request's state, or, if a call has failed since, that failure. */
export function statusOf({ state, problem }: Activity): Status {
  const hasFailed = problem !== undefined && (state === 'granted' || state === 'exchanged')
  return hasFailed ? 'exchange failed' : state
}

export function StatusBadge({ activity }: { activity: Activity }): JSX.Element {
  const status = statusOf(activity)
  return <Badge tone={TONES[status]}>{status}</Badge>
}
