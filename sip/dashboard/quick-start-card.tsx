import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { Choice, Copied, Snippet } from 'civic-ui'
import type { Activity, App, SecretKeys, Settings } from './api.ts'
import { FirstLogin } from './first-login.tsx'
import { newKeyPair } from './key-pair.ts'
import { QUICK_STARTS } from './quick-start.ts'

/** All files of a small site that logs people in, for each framework, to copy. */
export function QuickStartCard({
  app,
  settings,
  fresh,
  activities,
}: {
  app: App
  settings: Settings
  fresh: SecretKeys | undefined
  activities: readonly Activity[]
}): JSX.Element {
  const [chosen, choose] = useState(QUICK_STARTS[0])
  const [ownKey] = useState(() => newKeyPair().prvKey)
  const files = chosen.files({ app, settings, secrets: fresh, ownKey })
  const run = `npm install ${chosen.packages}\nnode --env-file=.env ${files.at(-1)?.name ?? ''}`
  const isDirect = chosen.id === 'direct'
  return (
    <section class="card pad stack" aria-labelledby="quick-start">
      <h2 id="quick-start">Quick start</h2>
      <Choice
        id="framework"
        label="Your site uses"
        hint={chosen.about}
        value={chosen.id}
        onChange={({ currentTarget: { value } }) =>
          choose(QUICK_STARTS.find(({ id }) => id === value) ?? chosen)
        }
      >
        {QUICK_STARTS.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </Choice>
      {!isDirect && <FirstLogin app={app} activities={activities} />}
      {files.map(({ name, text }) => (
        <Snippet
          key={name}
          name={name === '.env' && fresh && !isDirect ? '.env with secrets' : name}
          text={text}
        />
      ))}
      {isDirect && (
        <p class="notice small">
          Your browser made this private key and does not store it. You get another one when you come back.
        </p>
      )}
      <Snippet name="Install and run" text={run} />
      {!isDirect && <LocalHint app={app} />}
      <h3>Options of CivicStrategy</h3>
      <dl class="facts">
        <Copied name="appId" of="CivicStrategy" value={app.appId} />
        <Copied name="api" value={settings.api} />
        <Copied name="env" value={app.stage} />
        <Copied name="sipPublicKey" value={settings.sipPublicKey} />
      </dl>
    </section>
  )
}

const LOCAL = 'http://localhost:3000'

/** Shown if the address of the quick start is not allowed yet. */
function LocalHint({ app: { whitelist, environment, partnerId } }: { app: App }): JSX.Element | null {
  const isAllowed = whitelist.includes(LOCAL) || whitelist.includes('localhost')
  // A partner's live app cannot allow it
  if (isAllowed || (partnerId !== undefined && environment === 'live')) return null
  return (
    <p class="notice small">
      Add <code>{LOCAL}</code> to the allowed domains to try it on your machine.
    </p>
  )
}
