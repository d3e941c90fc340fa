import type { JSX } from 'preact'
import { dateTime, labelName } from 'civic-ui'
import type { Identity } from './identity.ts'

/** What the person shared with which site, and when. */
export function ActivityList({ identity }: { identity: Identity }): JSX.Element {
  const { activity } = identity.kept
  return (
    <section class="stack narrow">
      <h1 tabIndex={-1}>Activity</h1>
      {activity.length === 0 ? (
        <p class="soft">
          You have not responded to a request yet. What you share with a site will be listed here.
        </p>
      ) : (
        <ol class="activity card">
          {activity.map(({ at, host, name, outcome, labels }) => (
            <li key={`${at} ${host}`} class="pad">
              <p class="row">
                <strong class="grow">{host}</strong>
                <span class="small soft">{dateTime(at)}</span>
              </p>
              <p class="small soft">
                {outcome === 'declined'
                  ? `You declined a request of ${name}.`
                  : labels.length === 0
                    ? `You logged in to ${name}. No details were shared.`
                    : `You shared with ${name}: ${labels.map(labelName).join(', ')}.`}
              </p>
            </li>
          ))}
        </ol>
      )}
    </section>
  )
}
