import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import { Badge, Failure, sentence, time, useAction, useNow, useScreen } from 'civic-ui'
import { OF } from './api.ts'
import type { Activity, App } from './api.ts'
import { ALL, filtered, FilterForm } from './request-filter.tsx'
import type { Filter } from './request-filter.tsx'
import { StatusBadge } from './request-status.tsx'
import type { Activities } from './use-activities.ts'

/** The recent scope requests, live. */
export function Requests({
  activities: { entries, isLive, load },
  apps,
  filter,
  setFilter,
}: {
  activities: Activities
  apps: readonly App[]
  filter: Filter
  setFilter: (filter: Filter) => void
}): JSX.Element {
  useScreen('Requests', OF)
  const now = useNow()
  const shown = filtered(entries, filter, now)
  // The list of all apps may have left out what is older at this one
  const more = useAction(load)
  useEffect(() => {
    if (filter.appId !== '') more.run(filter.appId)
  }, [filter.appId])
  return (
    <>
      <div class="title">
        <h1 tabIndex={-1}>Requests</h1>
        <span class="row">
          <span role="status" class="soft small">
            {filter !== ALL && `${shown.length} of ${entries.length} requests`}
          </span>
          <Badge tone={isLive ? 'good' : 'wait'}>{isLive ? 'live' : 'connecting'}</Badge>
        </span>
      </div>
      <FilterForm apps={apps} filter={filter} set={setFilter} />
      <Failure text={more.failure} />
      {shown.length === 0 && entries.length > 0 ? (
        <p class="card pad soft">No request fits.</p>
      ) : (
        <ActivityList activities={shown} />
      )}
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
              <StatusBadge activity={activity} />
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
