import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import {
  Button,
  Choice,
  Failure,
  Field,
  focusHeading,
  Snippet,
  useAction,
  useScreen,
  withFields,
} from 'civic-ui'
import { api, OF } from './api.ts'
import type { AppSummary, TokenWish, UserSummary } from './api.ts'

interface Got {
  readonly wish: TokenWish
  readonly site: string
  readonly authToken: string
}

/** Logs a test user in without a browser: shows the token that the page would get, and the command that posts it. */
export function GetToken(): JSX.Element {
  useScreen('Get a token', OF)
  const [apps, setApps] = useState<readonly AppSummary[]>([])
  const [users, setUsers] = useState<readonly UserSummary[]>([])
  const [appId, setAppId] = useState('')
  const [site, setSite] = useState<string>()
  const [got, setGot] = useState<Got>()
  const load = useAction(async () => {
    const [all, people] = await Promise.all([api.apps(), api.users()])
    setApps(all)
    setUsers(people)
    setAppId(all[0]?.appId ?? '')
  })
  useEffect(() => load.run(), [])
  const app = apps.find((other) => other.appId === appId)
  const route = site ?? routeOf(app)
  const get = useAction(async (wish: TokenWish) => {
    setGot({ wish, site: route, ...(await api.token(wish)) })
    requestAnimationFrame(() => focusHeading('#got'))
  })
  return (
    <>
      <h1 tabIndex={-1}>Get a token</h1>
      <p class="soft">
        A test user logs in as with a phone: the sandbox asks for a QR code, approves and polls. You get the
        authorization code token that the site’s page would get.
      </p>
      <Failure text={load.failure} />
      <div class="columns">
        <form
          class="card pad stack"
          noValidate
          onSubmit={withFields(({ user = '', scopeRequest = '' }) => get.run({ appId, user, scopeRequest }))}
        >
          <Choice
            id="app"
            name="app"
            label="App"
            value={appId}
            onChange={(event) => setAppId(event.currentTarget.value)}
          >
            {apps.map((other) => (
              <option key={other.appId} value={other.appId}>
                {other.name} ({other.appId})
              </option>
            ))}
          </Choice>
          <Choice id="user" name="user" label="Test user">
            {users.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </Choice>
          <Choice id="scopeRequest" name="scopeRequest" label="Scope request">
            {(app?.scopes ?? []).map((scope) => (
              <option key={scope} value={scope}>
                {scope}
              </option>
            ))}
          </Choice>
          <Field
            id="site"
            name="site"
            label="Login route of your site"
            value={route}
            onInput={(event) => setSite(event.currentTarget.value)}
            autocomplete="off"
            spellcheck={false}
          />
          <Failure text={get.failure} />
          <div>
            <Button kind="primary" type="submit" busy={get.isRunning}>
              Get a token
            </Button>
          </div>
        </form>
        {got && <Shown got={got} />}
      </div>
    </>
  )
}

function Shown({ got: { wish, site, authToken } }: { got: Got }): JSX.Element {
  return (
    <section class="card pad stack" aria-labelledby="got">
      <h2 id="got" tabIndex={-1}>
        Token
      </h2>
      <p class="soft small">It works once, for 30 minutes.</p>
      <Snippet name="Post it" text={`curl -i --data-urlencode authToken=${authToken} ${quoted(site)}`} />
      <Snippet name="Authorization code token" text={authToken} />
      <Snippet
        name="Get one by command"
        text={`curl -H 'Content-Type: application/json' -d ${quoted(JSON.stringify(wish))} ${location.origin}/dev/authCode`}
      />
    </section>
  )
}

/** For a shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}

/** The address of the example in the documents. */
function routeOf(app: AppSummary | undefined): string {
  const origin = app?.origin ?? ''
  const hasPort = /:\d+$/.test(origin) || origin.startsWith('https:')
  return `${hasPort ? origin : 'http://localhost:3000'}/auth/civic`
}
