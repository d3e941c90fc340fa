import type { JSX } from 'preact'
import { useCallback, useState } from 'preact/hooks'
import { Failure } from 'civic-ui'
import { dateTime } from 'civic-ui'
import { useEvery } from 'civic-ui'
import { api } from './api.ts'
import type { Mail } from './api.ts'

const PERIOD_MS = 1500

/** The mailbox of all test users. */
export function Mailbox(): JSX.Element {
  const [mails, setMails] = useState<readonly Mail[]>([])
  const failure = useEvery(
    PERIOD_MS,
    useCallback(async () => setMails(await api.mail()), []),
  )
  return (
    <>
      <h1 tabIndex={-1}>Test mailbox</h1>
      <p class="soft">Mail to all test users. Nothing is actually sent.</p>
      <Failure text={failure} />
      {mails.length === 0 ? (
        <p class="card pad soft">No mail yet. When a wallet verifies an email, the code arrives here.</p>
      ) : (
        <ul class="stack plain-list">
          {mails.map(({ id, at, to, subject, text }) => (
            <li key={id} class="card pad stack tight">
              <div class="row wrap">
                <h2 class="grow">{subject}</h2>
                <time class="soft small" dateTime={new Date(at).toISOString()}>
                  {dateTime(at)}
                </time>
              </div>
              <p class="soft small">To {to}</p>
              <p>{text}</p>
            </li>
          ))}
        </ul>
      )}
    </>
  )
}
