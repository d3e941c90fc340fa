import type { JSX } from 'preact'
import { Button, Choice, Field } from 'civic-ui'
import type { Activity, App } from './api.ts'
import { statusOf, STATUSES } from './request-status.tsx'
import type { Status } from './request-status.tsx'

/** Which requests to show. An empty field excludes nothing. */
export interface Filter {
  readonly status: Status | ''
  readonly appId: string
  /** Minutes back from now; 0: any time. */
  readonly minutes: number
  /** Part of an id, page, scope request or problem. */
  readonly text: string
}

export const ALL: Filter = { status: '', appId: '', minutes: 0, text: '' }

const PERIODS: readonly [minutes: number, name: string][] = [
  [0, 'Any time'],
  [10, 'Last 10 minutes'],
  [60, 'Last hour'],
  [24 * 60, 'Last 24 hours'],
  [7 * 24 * 60, 'Last 7 days'],
]

/** @param now milliseconds since the epoch */
export function filtered(activities: readonly Activity[], filter: Filter, now: number): readonly Activity[] {
  const { status, appId, minutes, text } = filter
  const wanted = text.trim().toLowerCase()
  return activities.filter(
    (activity) =>
      (status === '' || statusOf(activity) === status) &&
      (appId === '' || activity.appId === appId) &&
      (minutes === 0 || activity.at >= now - minutes * 60_000) &&
      textsOf(activity).some((part) => part.toLowerCase().includes(wanted)),
  )
}

function textsOf({ id, userId, origin, scope, problem, appName, person }: Activity): readonly string[] {
  return [id, userId, origin, scope, problem, appName, person].filter((part) => part !== undefined)
}

/** The fields of a filter. */
export function FilterForm({
  apps,
  filter,
  set,
}: {
  apps: readonly App[]
  filter: Filter
  set: (filter: Filter) => void
}): JSX.Element {
  const { status, appId, minutes, text } = filter
  return (
    <form class="filter" role="search" aria-label="Requests" onSubmit={(event) => event.preventDefault()}>
      <Field
        id="filter-text"
        label="Search"
        type="search"
        placeholder="Request ID, page, problem"
        autocomplete="off"
        spellcheck={false}
        value={text}
        onInput={({ currentTarget: { value } }) => set({ ...filter, text: value })}
      />
      <Choice
        id="filter-status"
        label="State"
        value={status}
        onChange={({ currentTarget: { value } }) => set({ ...filter, status: value as Status | '' })}
      >
        <option value="">Any state</option>
        {STATUSES.map((one) => (
          <option key={one} value={one}>
            {one}
          </option>
        ))}
      </Choice>
      {apps.length > 1 && (
        <Choice
          id="filter-app"
          label="App"
          value={appId}
          onChange={({ currentTarget: { value } }) => set({ ...filter, appId: value })}
        >
          <option value="">All apps</option>
          {apps.map((app) => (
            <option key={app.appId} value={app.appId}>
              {app.name}
            </option>
          ))}
        </Choice>
      )}
      <Choice
        id="filter-time"
        label="Time"
        value={String(minutes)}
        onChange={({ currentTarget: { value } }) => set({ ...filter, minutes: Number(value) })}
      >
        {PERIODS.map(([period, name]) => (
          <option key={period} value={String(period)}>
            {name}
          </option>
        ))}
      </Choice>
      {filter !== ALL && <Button onClick={() => set(ALL)}>Clear</Button>}
    </form>
  )
}
