import type { JSX } from 'preact'
import type { WalletRequest } from '../lib/index.ts'
import { duration, time } from 'civic-ui'
import { askerOf } from './asked.ts'

/** The requesting site, and where and when the request was made, for the person to compare. */
export function Asker({ request, now }: { request: WalletRequest; now: number }): JSX.Element {
  const { origin, host, sip } = askerOf(request)
  const { name, logo, requester, issuedAt, expiresAt, channel } = request
  const { userAgent, address } = requester
  const scheme = origin.endsWith(host) ? origin.slice(0, -host.length) : ''
  return (
    <section class="compare" aria-labelledby="compare">
      <h2 id="compare" class="small">
        {channel === 'scan'
          ? 'Compare with the page that showed the code'
          : 'Compare with the page that you came from'}
      </h2>
      <p class="domain">
        {scheme !== '' && <span class="soft">{scheme}</span>}
        {host}
      </p>
      <p class="small">
        {sip === undefined ? 'The site asks directly.' : `${sip} asks for the site.`} The site calls itself{' '}
        {logo !== undefined && <img class="asker-logo" src={logo} alt="" width={20} height={20} />}{' '}
        <strong>{name}</strong>. If the page shows a different address, decline.
      </p>
      <dl class="facts small">
        <dt>Asked</dt>
        <dd>
          {duration(now - issuedAt)} ago, at {time(issuedAt)}
        </dd>
        {(userAgent !== undefined || address !== undefined) && (
          <>
            <dt>From</dt>
            <dd>{[userAgent, address].filter((part) => part !== undefined).join(', ')}</dd>
          </>
        )}
        <dt>Expires</dt>
        <dd>in {duration(expiresAt - now)}</dd>
      </dl>
    </section>
  )
}
