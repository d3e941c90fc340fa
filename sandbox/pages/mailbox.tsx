import type { JSX } from 'preact'
import { useCallback, useState } from 'preact/hooks'
import { Badge, CopyButton, dateTime, Failure, useFresh, useScreen } from 'civic-ui'
import { api, OF } from './api.ts'
import type { Mail } from './api.ts'

const PERIOD_MS = 1500

/** The mailbox of all test users. */
export function Mailbox(): JSX.Element {
  useScreen('Test mailbox', OF)
  const [mails, setMails] = useState<readonly Mail[]>()
  const failure = useFresh(
    PERIOD_MS,
    useCallback(async () => setMails(await api.mail()), []),
  )
  return (
    <>
      <h1 tabIndex={-1}>Test mailbox</h1>
      <p class="soft">Mail to all test users. Nothing is actually sent.</p>
      <Failure text={failure} />
      {mails?.length === 0 && (
        <p class="card pad soft">No mail yet. When a wallet verifies an email, the code arrives here.</p>
      )}
      {mails && mails.length > 0 && (
        <ul class="stack plain-list" aria-label="Mail, newest first">
          {mails.map((mail) => (
            <li key={mail.id} class={`card pad stack tight mail${mail.isOld ? ' old' : ''}`}>
              <OneMail mail={mail} />
            </li>
          ))}
        </ul>
      )}
    </>
  )
}

function OneMail({ mail: { at, to, subject, text, code, isOld } }: { mail: Mail }): JSX.Element {
  return (
    <>
      <div class="row wrap">
        <h2 class="grow">{subject}</h2>
        {isOld && <Badge>older</Badge>}
        <time class="soft small" dateTime={new Date(at).toISOString()}>
          {dateTime(at)}
        </time>
      </div>
      <p class="soft small">To {to}</p>
      {code !== undefined && (
        <div class="row">
          <span class="code">{code}</span>
          <CopyButton name={`code for ${to}`} text={code} />
        </div>
      )}
      <p class={code === undefined ? '' : 'soft small'}>{text}</p>
    </>
  )
}
