import type { JSX } from 'preact'
import { Badge, useScreen } from 'civic-ui'
import { OF } from './api.ts'
import type { Activity, App } from './api.ts'
import { ActivityList } from './requests.tsx'

const LATEST = 6

/** The apps of all partners, and the latest requests. */
export function Apps({
  apps,
  activities,
}: {
  apps: readonly App[]
  activities: readonly Activity[]
}): JSX.Element {
  useScreen('Apps', OF)
  return (
    <>
      <div class="title">
        <h1 tabIndex={-1}>Apps</h1>
        <a class="button primary" href="#new">
          New app
        </a>
      </div>
      {apps.length === 0 && <p class="card pad soft">No apps yet. A site needs one for its keys.</p>}
      <ul class="cards">
        {apps.map((app) => (
          <li key={app.appId}>
            <a class="card" href={`#app/${app.appId}`}>
              <span class="row">
                <strong class="grow">{app.name}</strong>
                <EnvironmentBadge app={app} />
              </span>
              <code class="soft">{app.appId}</code>
              <span class="soft small">{summary(app)}</span>
            </a>
          </li>
        ))}
      </ul>
      <section class="stack" aria-labelledby="latest">
        <div class="title">
          <h2 id="latest">Latest requests</h2>
          {activities.length > LATEST && <a href="#requests">All requests</a>}
        </div>
        <ActivityList activities={activities.slice(0, LATEST)} />
      </section>
    </>
  )
}

export function EnvironmentBadge({ app: { environment } }: { app: App }): JSX.Element {
  return <Badge tone={environment === 'live' ? 'good' : 'wait'}>{environment}</Badge>
}

function summary({ whitelist, scopes }: App): string {
  const sites = whitelist.length === 0 ? 'no allowed domain yet' : whitelist.join(', ')
  return `${sites} · ${scopes.length} scope request${scopes.length === 1 ? '' : 's'}`
}
