import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import {
  Button,
  Confirm,
  errorOf,
  Failure,
  Field,
  focusHeading,
  problemOf,
  useAction,
  withFields,
} from 'civic-ui'
import { api } from './api.ts'
import type { App } from './api.ts'

/** The sites that may request a QR code for the app. */
export function Whitelist({ app, changed }: { app: App; changed: (app: App) => void }): JSX.Element {
  const [entry, setEntry] = useState('')
  const [asked, ask] = useState<string>()
  const save = async (whitelist: readonly string[]): Promise<void> =>
    changed(await api.updateApp(app.appId, { whitelist }))
  const add = useAction(async () => {
    await save([...app.whitelist, entry])
    setEntry('')
  })
  const problem = problemOf(add.failure, ['whitelist'])
  return (
    <section class="card pad stack tight" aria-labelledby="whitelist-title">
      <h2 id="whitelist-title" tabIndex={-1}>
        Allowed domains
      </h2>
      {app.whitelist.length === 0 ? (
        <p class="soft small">No allowed domains: no page gets a QR code.</p>
      ) : (
        <ul class="lines">
          {app.whitelist.map((domain) => (
            <li key={domain} class="row">
              <code class="grow">{domain}</code>
              <Button kind="danger" aria-label={`Remove ${domain}`} onClick={() => ask(domain)}>
                Remove
              </Button>
            </li>
          ))}
        </ul>
      )}
      <form class="stack tight" noValidate onSubmit={withFields(() => add.run())}>
        <Field
          id="domain"
          name="domain"
          label="Add a domain"
          hint="An origin with its port, or a host name for all its ports."
          placeholder="https://shop.example.org"
          autocomplete="off"
          spellcheck={false}
          value={entry}
          onInput={(event) => setEntry(event.currentTarget.value)}
          {...errorOf(problem, 'whitelist')}
        />
        <Failure text={problem.field === undefined ? problem.text : ''} />
        <div>
          <Button type="submit" busy={add.isRunning} aria-label="Add domain">
            Add
          </Button>
        </div>
      </form>
      {asked !== undefined && (
        <Confirm
          title={`Remove ${asked}?`}
          text={`Pages there no longer get a QR code for ${app.name}.`}
          yes="Remove"
          act={async () => {
            await save(app.whitelist.filter((other) => other !== asked))
            requestAnimationFrame(() => focusHeading('#whitelist-title'))
          }}
          close={() => ask(undefined)}
        />
      )}
    </section>
  )
}
