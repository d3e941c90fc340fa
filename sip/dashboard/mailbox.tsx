import type { JSX } from 'preact'
import { useCallback, useState } from 'preact/hooks'
import { Failure } from 'civic-ui'
import { dateTime } from 'civic-ui'
import { useEvery } from 'civic-ui'
import { api } from './api.ts'
import type { Mail } from './api.ts'

const PERIOD_MS = 1500

/** The one mailbox of all made-up people. */
export function Mailbox(): JSX.Element {
  const [mails, setMails] = useState<readonly Mail[]>([])
  const failure = useEvery(
    PERIOD_MS,
    useCallback(async () => setMails(await api.mail()), []),
  )
  return (
    <>
      <h1 tabIndex={-1}>Mailbox</h1>
      <p class="soft">Mail to all made-up people. It leaves this machine for nowhere.</p>
      <Failure text={failure} />
      {mails.length === 0 ? (
        <p class="card pad soft">No mail yet. A wallet that verifies an e-mail address gets its code here.</p>
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
