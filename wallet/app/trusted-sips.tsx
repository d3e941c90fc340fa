import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { withFields, Button, Failure, Field, useAction } from 'civic-ui'
import type { TrustedSip } from '../lib/index.ts'
import { reopen } from './own.ts'
import type { Identity } from './identity.ts'
import { useStore } from './store.ts'

/** The servers that may make requests for sites. */
export function TrustedSips({ identity }: { identity: Identity }): JSX.Element {
  const { config } = useStore()
  const [added, setAdded] = useState('')
  const own = identity.kept.trustedSips ?? []
  const given = namesOf(config.trustedSips)
  const check = useAction(({ origin = '' }: Readonly<{ origin?: string }>) => setAdded(originOf(origin)))
  const change = useAction(async (trustedSips: readonly string[]) => {
    await reopen({ trustedSips })
    setAdded('')
  })
  return (
    <section class="card pad stack tight" aria-labelledby="sips">
      <h2 id="sips">Servers that ask on behalf of sites</h2>
      <p class="soft">They may ask you on behalf of a site. You trust them to name the right site.</p>
      <ul class="plain-list">
        {given.map((origin) => (
          <li key={origin} class="row">
            <span class="grow mono">{origin}</span>
            <span class="soft small">from this wallet’s operator</span>
          </li>
        ))}
        {own.map((origin) => (
          <li key={origin} class="row">
            <span class="grow mono">{origin}</span>
            <Button
              kind="quiet"
              aria-label={`Remove ${origin}`}
              onClick={() => change.run(own.filter((other) => other !== origin))}
            >
              Remove
            </Button>
          </li>
        ))}
      </ul>
      {added === '' ? (
        <form class="stack tight" noValidate onSubmit={withFields(check.run)}>
          <Field
            id="sip"
            name="origin"
            label="Add a server"
            placeholder="https://sip.example.org"
            autocomplete="off"
          />
          <Failure text={check.failure || change.failure} />
          <Button type="submit">Add</Button>
        </form>
      ) : (
        <div class="stack tight">
          <p class="note wait">
            {added} can then show you requests in the name of any site. Add it only if you know who runs it.
          </p>
          <Button kind="danger" busy={change.isRunning} onClick={() => change.run([...own, added])}>
            Trust {new URL(added).host}
          </Button>
          <Button onClick={() => setAdded('')}>Do not add it</Button>
        </div>
      )}
    </section>
  )
}

/** Each server once, by the first of its names. */
function namesOf(sips: readonly TrustedSip[]): string[] {
  const names = new Map<string, string>()
  for (const sip of sips) {
    const { origin, sipId } = typeof sip === 'string' ? { origin: sip, sipId: sip } : sip
    if (!names.has(sipId)) names.set(sipId, origin)
  }
  return [...names.values()]
}

function originOf(text: string): string {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return new URL(text).origin
  throw new Error('Type an address such as https://sip.example.org.')
}
