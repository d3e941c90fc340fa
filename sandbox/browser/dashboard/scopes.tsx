import { type JSX } from 'preact'
import { labelName } from '../shared/labels.ts'
import { Failure } from '../shared/parts.tsx'
import { useAction } from '../shared/use.ts'
import { api, type App, type Settings } from './api.ts'

const SHOWN = 3

/** What the app may ask for: Civic approved the identity scopes one by one. */
export function Scopes({
  app,
  settings,
  changed,
}: {
  app: App
  settings: Settings
  changed: (app: App) => void
}): JSX.Element {
  const save = useAction(async (scopes: readonly string[]) => {
    changed(await api.updateApp(app.appId, { scopes }))
  })
  const { scopeRequests } = settings
  const wires = [...new Set(scopeRequests.map(({ wire }) => wire))]
  return (
    <section class="card pad stack tight" aria-labelledby="scopes">
      <h2 id="scopes">Approved scope requests</h2>
      <Failure text={save.failure} />
      <div class="stack tight" role="group" aria-labelledby="scopes">
        {wires.map((wire) => {
          const same = scopeRequests.filter((other) => other.wire === wire)
          const isApproved = app.scopes.includes(wire)
          return (
            <label key={wire} class="choice">
              <input
                type="checkbox"
                checked={isApproved}
                disabled={save.isRunning}
                onChange={() =>
                  save.run(isApproved ? app.scopes.filter((other) => other !== wire) : [...app.scopes, wire])
                }
              />
              <span>
                <code>{same.map(({ name }) => name).join(', ')}</code>
                <span class="hint">{described(same[0]?.labels ?? [])}</span>
              </span>
            </label>
          )
        })}
      </div>
    </section>
  )
}

function described(labels: readonly string[]): string {
  if (labels.length === 0) return 'no details, a private login'
  const names = labels.slice(0, SHOWN).map(labelName).join(', ')
  return labels.length > SHOWN ? `${names} and ${labels.length - SHOWN} more` : names
}
