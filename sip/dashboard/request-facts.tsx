import type { JSX } from 'preact'
import { dateTime, duration } from 'civic-ui'
import type { Activity } from './api.ts'
import { statusOf } from './request-status.tsx'

const CHANNELS = {
  scan: 'QR code on another screen',
  link: 'link on the same device',
  app: 'native app',
} as const

/** What the server knows about who asked and who responded. */
export function ActivityFacts({ activity, made }: { activity: Activity; made: string }): JSX.Element {
  const { id, appId, appName, origin, channel, person, walletKey, userId } = activity
  const facts: [string, JSX.Element | string | undefined][] = [
    ['App', appId === '' ? appName : <a href={`#app/${appId}`}>{appName}</a>],
    ['Page', origin && <code>{origin}</code>],
    ['Asked', made],
    ['Reached the wallet by', channel && CHANNELS[channel]],
    ['Exchange', exchangeOf(activity)],
    ['Person', person],
    ['User ID at this app', userId && <code>{userId}</code>],
    ['Key of the wallet', walletKey && <code>{walletKey}</code>],
    ['Request ID', <code key="id">{id}</code>],
  ]
  return (
    <dl class="facts">
      {facts.map(
        ([name, value]) =>
          value !== undefined &&
          value !== '' && (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ),
      )}
    </dl>
  )
}

/** What became of the site's code. */
function exchangeOf({ state, timeline, problem }: Activity): string | undefined {
  const atOf = (wanted: Activity['state']): number | undefined =>
    timeline.find((event) => event.state === wanted)?.at
  const [granted, exchanged] = [atOf('granted'), atOf('exchanged')]
  if (exchanged !== undefined) {
    const after = granted === undefined ? '' : `, ${duration(exchanged - granted)} after the approval`
    return `${dateTime(exchanged)}${after}`
  }
  if (state !== 'granted') return undefined
  return problem === undefined ? 'The site has not exchanged its code yet' : 'Failed. The code is not used'
}

/**
 * A request to paste into a report: without the person, whose data belongs into none.
 */
export function textOf(activity: Activity): string {
  const { id, appId, appName, scope, labels = [], origin, channel, timeline, problem } = activity
  const facts: [string, string | undefined][] = [
    ['Request', id],
    ['App', appId === '' ? appName : `${appName} (${appId})`],
    ['Page', origin],
    ['Scope request', scope],
    ['Labels', labels.length > 0 ? labels.join(', ') : undefined],
    ['Reached the wallet by', channel && CHANNELS[channel]],
    ['State', statusOf(activity)],
    ['Problem', problem],
  ]
  const lines = facts.flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`]))
  const events = timeline.map(({ at, state, problem: why }) =>
    [new Date(at).toISOString(), state, why].filter((part) => part !== undefined).join(' '),
  )
  return [...lines, ...events].join('\n')
}
