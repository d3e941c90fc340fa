import type { JSX } from 'preact'
import type { RequestView } from '../lib/hosted/wallet-core.ts'
import { browserOf, duration, time } from 'civic-ui'

/** The site that asks, from where and since when, for the person to compare. */
export function Requester({ request, now }: { request: RequestView; now: number }): JSX.Element {
  const { origin, address, userAgent, createdAt, expiresAt } = request
  const [scheme, host] = origin.includes('://') ? (origin.split('//') as [string, string]) : ['', origin]
  const browser = userAgent === undefined ? undefined : browserOf(userAgent)
  return (
    <section class="compare" aria-labelledby="compare">
      <h2 id="compare" class="small">
        Compare with the address bar
      </h2>
      <p class="domain">
        {scheme !== '' && <span class="soft">{scheme}//</span>}
        {host}
      </p>
      <p class="small">
        If the address bar shows anything else, decline: another page is asking for your details.
      </p>
      <dl class="facts small">
        <dt>Asked</dt>
        <dd>
          {time(createdAt)}, {duration(now - createdAt)} ago
        </dd>
        {browser !== undefined && (
          <>
            <dt>From</dt>
            <dd>
              {browser}
              {address !== undefined && `, ${address}`}
            </dd>
          </>
        )}
        <dt>Expires</dt>
        <dd>in {duration(expiresAt - now)}</dd>
      </dl>
    </section>
  )
}
