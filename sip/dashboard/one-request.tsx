import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import {
  CopyButton,
  dateTime,
  Failure,
  labelName,
  Missing,
  sentence,
  time,
  useAction,
  useScreen,
} from 'civic-ui'
import { api, OF } from './api.ts'
import type { Activity } from './api.ts'
import { ActivityFacts, textOf } from './request-facts.tsx'
import { StatusBadge } from './request-status.tsx'

/** One request, from the QR code to the exchange. */
export function OneRequest({
  id,
  activities,
}: {
  id: string
  activities: readonly Activity[]
}): JSX.Element | null {
  const [asked, setAsked] = useState<Activity | null>()
  const load = useAction(async () => setAsked(await api.request(id)))
  const activity = activities.find((other) => other.id === id) ?? asked
  useEffect(() => {
    if (!activity) load.run()
  }, [id])
  if (activity) return <Request activity={activity} />
  if (load.failure === '') return null
  return (
    <Missing what="There is no such request" of={OF}>
      <p class="soft">{load.failure} The server keeps the last 200 of each app, for 30 days.</p>
      <p>
        <a href="#requests">All requests</a>
      </p>
    </Missing>
  )
}

function Request({ activity }: { activity: Activity }): JSX.Element {
  const { scope, appName, at, problem, labels = [], timeline, state } = activity
  const title = scope ?? 'Failed call'
  useScreen(`${title} at ${appName}`, OF)
  return (
    <>
      <p>
        <a href="#requests">All requests</a>
      </p>
      <div class="title">
        <h1 tabIndex={-1}>
          {title} at {appName}
        </h1>
        <span class="row">
          <CopyButton name="request as text" text={textOf(activity)} />
          <StatusBadge activity={activity} />
        </span>
      </div>
      <Failure text={problem === undefined ? '' : sentence(problem)} />
      <div class="columns">
        <section class="card pad stack" aria-labelledby="timeline">
          <h2 id="timeline">What happened</h2>
          <ol class="timeline">
            {timeline.filter(isNews).map((event, index) => (
              <li key={index} class={toneOf(event.state)}>
                <span>{HAPPENED[event.state]}</span>
                <time class="soft small" dateTime={new Date(event.at).toISOString()}>
                  {time(event.at)}
                </time>
                {event.problem !== undefined && <p class="failure">{sentence(event.problem)}</p>}
              </li>
            ))}
          </ol>
        </section>
        <div class="stack">
          <section class="card pad stack" aria-labelledby="facts">
            <h2 id="facts">Request</h2>
            <ActivityFacts activity={activity} made={dateTime(at)} />
          </section>
          {labels.length > 0 && (
            <section class="card pad stack tight" aria-labelledby="labels">
              <h2 id="labels">{state === 'granted' || state === 'exchanged' ? 'Shared' : 'Asked for'}</h2>
              <ul class="lines">
                {labels.map((label) => (
                  <li key={label}>
                    {labelName(label)} <code class="soft">{label}</code>
                  </li>
                ))}
              </ul>
            </section>
          )}
        </div>
      </div>
    </>
  )
}

const HAPPENED: Readonly<Record<Activity['state'], string>> = {
  created: 'A page asked for it',
  read: 'A wallet read it',
  approved: 'The person approved. The browser that asked must now send the wallet’s code',
  granted: 'The person approved, and the site got its code',
  denied: 'It was declined',
  expired: 'It expired',
  exchanged: 'The site exchanged the code',
  failed: 'A call failed',
}

type Event = Activity['timeline'][number]

/** A wallet reads a request again after a reload, which changes nothing. */
function isNews({ state, problem }: Event, index: number, all: readonly Event[]): boolean {
  return problem !== undefined || all[index - 1]?.state !== state
}

function toneOf(state: Activity['state']): string {
  if (state === 'failed' || state === 'denied') return 'bad'
  return state === 'granted' || state === 'exchanged' ? 'good' : ''
}
