import type { JSX } from 'preact'
import { useRef, useState } from 'preact/hooks'
import { ScopeRequests } from 'passport-civic-sip/user-data'
import { Failure, labelName, problemOf } from 'civic-ui'
import { api } from './api.ts'
import type { App, Settings } from './api.ts'

const SHOWN = 3
/** The scope requests that every app may make. */
const BASIC: readonly string[] = [
  ScopeRequests.BASIC_SIGNUP,
  ScopeRequests.BASIC_LOGIN,
  ScopeRequests.ANONYMOUS_LOGIN,
]

/** The scope requests that the app may make. Civic approved those for identity one by one. */
export function Scopes({
  app,
  settings,
  changed,
}: {
  app: App
  settings: Settings
  changed: (app: App) => void
}): JSX.Element {
  const [wanted, setWanted] = useState(app.scopes)
  const [failure, setFailure] = useState('')
  const saved = useRef(Promise.resolve())
  const save = (scopes: readonly string[]): void => {
    setWanted(scopes)
    setFailure('')
    // One after the other, so that the last click decides
    saved.current = saved.current
      .then(() => api.updateApp(app.appId, { scopes }))
      .then(changed, (error: unknown) => {
        setFailure((error as Error).message)
        setWanted(app.scopes)
      })
  }
  const { scopeRequests } = settings
  const [approved] = useState(app.scopes)
  const all = [...new Set(scopeRequests.map(({ wire }) => wire))]
  // A partner needs a review for the others
  const isOpen = (wire: string): boolean =>
    BASIC.includes(wire) || approved.includes(wire) || wanted.includes(wire)
  const wires = app.partnerId === undefined ? all : all.filter(isOpen)
  return (
    <section class="card pad stack tight" aria-labelledby="scopes">
      <h2 id="scopes">Approved scope requests</h2>
      <Failure text={problemOf(failure, ['scopes']).text} />
      <div class="stack tight" role="group" aria-labelledby="scopes">
        {wires.map((wire) => {
          const same = scopeRequests.filter((other) => other.wire === wire)
          const isWanted = wanted.includes(wire)
          return (
            <label key={wire} class="choice">
              <input
                type="checkbox"
                checked={isWanted}
                onChange={() => save(isWanted ? wanted.filter((other) => other !== wire) : [...wanted, wire])}
              />
              <span>
                <code>{same.map(({ name }) => name).join(', ')}</code>
                <span class="hint">{described(same[0]?.labels ?? [])}</span>
                {same[0] && same[0].unattested.length > 0 && (
                  <span class="hint">This server cannot attest: {described(same[0].unattested)}</span>
                )}
              </span>
            </label>
          )
        })}
      </div>
    </section>
  )
}

function described(labels: readonly string[]): string {
  const names = labels.slice(0, SHOWN).map(labelName).join(', ')
  return labels.length > SHOWN ? `${names} and ${labels.length - SHOWN} more` : names
}
