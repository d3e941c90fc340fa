import type { JSX } from 'preact'
import { dateTime, sentence } from 'civic-ui'
import type { Activity, App } from './api.ts'

/** Whether somebody has logged in at the app's site. It updates at the first login. */
export function FirstLogin({
  app,
  activities,
}: {
  app: App
  /** Newest first. */
  activities: readonly Activity[]
}): JSX.Element {
  const own = activities.filter(({ appId }) => appId === app.appId)
  const at = app.firstLoginAt ?? firstExchange(own)
  const [newest] = own
  const problem = at === undefined ? newest?.problem : undefined
  return (
    <div class={at === undefined ? 'first-login' : 'first-login good'}>
      <p role="status">
        {at === undefined && <span class="spinner" />}
        {at === undefined ? 'Waiting for your first login…' : `It works. First login: ${dateTime(at)}.`}
      </p>
      {newest && problem !== undefined && (
        <p class="small">
          <a href={`#request/${newest.id}`}>The last request</a> failed: {sentence(problem)}
        </p>
      )}
    </div>
  )
}

function firstExchange(activities: readonly Activity[]): number | undefined {
  return activities
    .findLast(({ state }) => state === 'exchanged')
    ?.timeline.findLast(({ state }) => state === 'exchanged')?.at
}
