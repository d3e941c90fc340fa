import type { JSX } from 'preact'
import type { Activity } from './api.ts'

const CHANNELS = {
  scan: 'QR code on another screen',
  link: 'link on the same device',
  app: 'native app',
} as const

/** Who asked, and who responded, as far as the server knows. */
export function ActivityFacts({ activity, made }: { activity: Activity; made: string }): JSX.Element {
  const { id, appId, appName, origin, channel, person, walletKey, userId } = activity
  const facts: [string, JSX.Element | string | undefined][] = [
    ['App', appId === '' ? appName : <a href={`#app/${appId}`}>{appName}</a>],
    ['Page', origin && <code>{origin}</code>],
    ['Asked', made],
    ['Reached the wallet by', channel && CHANNELS[channel]],
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
