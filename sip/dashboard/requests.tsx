import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { sentence } from 'civic-ui'
import { Badge } from 'civic-ui'
import type { Tone } from 'civic-ui'
import { time } from 'civic-ui'
import { api } from './api.ts'
import type { Activity } from './api.ts'

const LENGTH = 200
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

/** The recent scope requests, live. */
export function Requests(): JSX.Element {
  const { activities, isLive } = useActivities()
  return (
    <>
      <div class="title">
        <h1 tabIndex={-1}>Requests</h1>
        <Badge tone={isLive ? 'good' : 'wait'}>{isLive ? 'live' : 'connecting'}</Badge>
      </div>
      <Activities activities={activities} />
    </>
  )
}

export function Activities({ activities }: { activities: readonly Activity[] }): JSX.Element {
  if (activities.length === 0) {
    return (
      <p class="card pad soft">
        No requests yet. When a page asks for a QR code, the request and its outcome appear here.
      </p>
    )
  }
  return (
    <ul class="card log">
      {activities.map(({ id, at, state, scope, appName, origin, problem }) => (
        <li key={id}>
          <Badge tone={TONES[state]}>{state}</Badge>
          <span class="what">
            <strong>{scope ?? 'failed call'}</strong> <span class="soft">at {appName}</span>
          </span>
          <span class="soft small from">{origin}</span>
          <time class="soft small" dateTime={new Date(at).toISOString()}>
            {time(at)}
          </time>
          {problem !== undefined && <p class="failure">{sentence(problem)}</p>}
        </li>
      ))}
    </ul>
  )
}

/** The server's list, and then each change that it reports. */
export function useActivities(): { activities: readonly Activity[]; isLive: boolean } {
  const [activities, setActivities] = useState<readonly Activity[]>([])
  const [isLive, setLive] = useState(false)
  useEffect(() => {
    const events = api.requestEvents()
    // What came since the list was asked for, until it is there: the list may be older than that.
    let since: Activity[] | undefined
    // Asked once the events flow, and again after a break, so that nothing falls between.
    events.onopen = () => {
      const asked: Activity[] = []
      since = asked
      api.requests().then(
        (listed) => {
          if (since === asked) since = undefined
          setActivities(asked.reduce(merged, listed))
          setLive(true)
        },
        () => setLive(false),
      )
    }
    events.onerror = () => setLive(false)
    events.onmessage = ({ data }: MessageEvent<string>) => {
      const entry = JSON.parse(data) as Activity
      since?.push(entry)
      setActivities((all) => merged(all, entry))
    }
    return () => events.close()
  }, [])
  return { activities, isLive }
}

function merged(all: readonly Activity[], entry: Activity): readonly Activity[] {
  const isKnown = all.some(({ id }) => id === entry.id)
  if (isKnown) return all.map((other) => (other.id === entry.id ? entry : other))
  return [entry, ...all].slice(0, LENGTH)
}
