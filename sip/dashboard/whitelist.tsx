import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { withFields } from 'civic-ui'
import { Button, Failure, Field } from 'civic-ui'
import { useAction } from 'civic-ui'
import { api } from './api.ts'
import type { App } from './api.ts'

/** The sites that may request a QR code for the app. */
export function Whitelist({ app, changed }: { app: App; changed: (app: App) => void }): JSX.Element {
  const [entry, setEntry] = useState('')
  const save = useAction(async (whitelist: readonly string[]) => {
    changed(await api.updateApp(app.appId, { whitelist }))
    setEntry('')
  })
  return (
    <section class="card pad stack tight" aria-labelledby="whitelist-title">
      <h2 id="whitelist-title">Allowed domains</h2>
      {app.whitelist.length === 0 ? (
        <p class="soft small">No allowed domains: no page gets a QR code.</p>
      ) : (
        <ul class="lines">
          {app.whitelist.map((domain) => (
            <li key={domain} class="row">
              <code class="grow">{domain}</code>
              <Button
                kind="quiet"
                aria-label={`Remove ${domain}`}
                onClick={() => save.run(app.whitelist.filter((other) => other !== domain))}
              >
                Remove
              </Button>
            </li>
          ))}
        </ul>
      )}
      <form class="stack tight" noValidate onSubmit={withFields(() => save.run([...app.whitelist, entry]))}>
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
          aria-invalid={save.failure !== ''}
        />
        <Failure text={save.failure} />
        <div>
          <Button type="submit" busy={save.isRunning}>
            Add
          </Button>
        </div>
      </form>
    </section>
  )
}
