import type { JSX } from 'preact'
import { Badge, sentence, time, useScreen } from 'civic-ui'
import type { Tone } from 'civic-ui'
import { OF } from './api.ts'
import type { Activity } from './api.ts'
import type { Activities } from './use-activities.ts'

/** The recent scope requests, live. */
export function Requests({ activities: { entries, isLive } }: { activities: Activities }): JSX.Element {
  useScreen('Requests', OF)
  return (
    <>
      <div class="title">
        <h1 tabIndex={-1}>Requests</h1>
        <Badge tone={isLive ? 'good' : 'wait'}>{isLive ? 'live' : 'connecting'}</Badge>
      </div>
      <ActivityList activities={entries} />
    </>
  )
}

export function ActivityList({ activities }: { activities: readonly Activity[] }): JSX.Element {
  if (activities.length === 0) {
    return (
      <p class="card pad soft">
        No requests yet. When a page asks for a QR code, the request and its outcome appear here.
      </p>
    )
  }
  return (
    <ul class="card log">
      {activities.map((activity) => {
        const { id, at, scope, appName, origin, problem } = activity
        return (
          <li key={id}>
            <a class="line" href={`#request/${id}`}>
              <StateBadge activity={activity} />
              <span class="what">
                <strong>{scope ?? 'failed call'}</strong> <span class="soft">at {appName}</span>
              </span>
              <span class="soft small from">{origin}</span>
              <time class="soft small" dateTime={new Date(at).toISOString()}>
                {time(at)}
              </time>
              {problem !== undefined && <span class="failure">{sentence(problem)}</span>}
            </a>
          </li>
        )
      })}
    </ul>
  )
}

const TONES: Readonly<Record<Activity['state'], Tone>> = {
  created: 'plain',
  read: 'wait',
  approved: 'wait',
  granted: 'good',
  exchanged: 'good',
  denied: 'bad',
  expired: 'plain',
  failed: 'bad',
}

/** Where a request stands. What failed since it came there is more important. */
export function StateBadge({ activity: { state, problem } }: { activity: Activity }): JSX.Element {
  const hasFailed = problem !== undefined && (state === 'granted' || state === 'exchanged')
  return <Badge tone={hasFailed ? 'bad' : TONES[state]}>{hasFailed ? 'exchange failed' : state}</Badge>
}
