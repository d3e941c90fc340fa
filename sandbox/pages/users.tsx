import type { JSX } from 'preact'
import { useCallback, useState } from 'preact/hooks'
import { Failure, useFresh, useScreen } from 'civic-ui'
import { api, OF } from './api.ts'
import type { UserSummary } from './api.ts'

const PERIOD_MS = 3000

/** All test users. */
export function Users(): JSX.Element {
  useScreen('Test users', OF)
  const [users, setUsers] = useState<readonly UserSummary[]>([])
  const failure = useFresh(
    PERIOD_MS,
    useCallback(async () => setUsers(await api.users()), []),
  )
  return (
    <>
      <div class="title">
        <h1 tabIndex={-1}>Test users</h1>
        <a class="button primary" href="#new">
          New test user
        </a>
      </div>
      <p class="soft">
        Invented people with invented details. Tests name them in <code>authCode(&#123; user &#125;)</code>{' '}
        and <code>wallet(user)</code>.
      </p>
      <Failure text={failure} />
      <ul class="cards">
        {users.map(({ id, name, email, phoneNumber }) => (
          <li key={id}>
            <a class="card" href={`#person/${id}`}>
              <strong>{name}</strong>
              <code class="soft">{id}</code>
              <span class="soft small">
                {email} · {phoneNumber}
              </span>
            </a>
          </li>
        ))}
      </ul>
    </>
  )
}
